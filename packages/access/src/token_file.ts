import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { requirePrivateSync, withFileLock, writeAtomic } from '@nmcp/files';
import { type Clock, explainIssues, isoTime, NmcpError, parseTime, systemClock } from '@nmcp/types';
import * as v from 'valibot';
import { type Caller, SCOPES, type Scope } from './caller.ts';

/** A token without its secret. */
export interface TokenRecord {
  id: string;
  /** Name of the caller that it stands for. */
  name: string;
  scopes: readonly Scope[];
  /** Absent: all. */
  pools?: readonly string[] | undefined;
  created_at: string;
  /** Absent: never. */
  expires_at?: string | undefined;
}

/** What a new token is for. */
export interface NewToken {
  name: string;
  scopes: readonly Scope[];
  pools?: readonly string[] | undefined;
  /** Days until it expires. @default never */
  days?: number | undefined;
}

/** Why a token is rejected. */
export type TokenRefusal = 'malformed' | 'unknown' | 'expired';

interface StoredToken extends TokenRecord {
  /** SHA-256 of the token, in hexadecimal. */
  hash: string;
}

const FileSchema: v.GenericSchema<unknown, { tokens: StoredToken[] }> = v.object({
  tokens: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      scopes: v.array(v.picklist(SCOPES)),
      pools: v.optional(v.array(v.string())),
      created_at: v.string(),
      expires_at: v.optional(v.string()),
    }),
  ),
});

const TOKEN = /^nmcp_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;
const CALLER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}$/;
const DAY_MS = 86_400_000;
/** Milliseconds between checks whether the file has changed. */
const LOOK_MS = 500;

/**
 * API tokens in a file that only its owner can read. The tokens themselves are in no file: they have 256 random bits, so
 * their SHA-256 is kept.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { TokenFile } from '@nmcp/access';
 *
 * const tokens = new TokenFile(`${mkdtempSync('/tmp/tokens-')}/tokens.json`);
 * const { token } = await tokens.create({ name: 'alice', scopes: ['scan'] });
 * const caller = tokens.verify(token);
 * console.assert(typeof caller === 'object' && caller.name === 'alice');
 * ```
 */
export class TokenFile {
  readonly #path: string;
  readonly #clock: Clock;
  #cached: { version: string; tokens: readonly StoredToken[]; lookedAt: number } | undefined;

  constructor(path: string, clock: Clock = systemClock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Whether there is no token. */
  get isEmpty(): boolean {
    return this.#tokens().length === 0;
  }

  /** Tokens, without their secrets. */
  list(): TokenRecord[] {
    return this.#read().map(({ hash: _, ...token }) => token);
  }

  /**
   * Creates a token. It is returned only here.
   *
   * @throws {NmcpError} `invalid_input` for an invalid name, or no scope; `storage`
   */
  async create({ name, scopes, pools, days }: NewToken): Promise<{ token: string; record: TokenRecord }> {
    if (!CALLER_NAME.test(name) || name === 'local')
      throw invalid(
        `name ${JSON.stringify(name.slice(0, 60))}: expected letters, digits, "_", ".", "@" and "-", and not "local"`,
      );
    if (scopes.length === 0) throw invalid(`scopes: expected one or more of ${SCOPES.join(', ')}`);
    if (days !== undefined && !(days > 0)) throw invalid('days: expected a number above 0');
    const id = randomBytes(6).toString('hex');
    const token = `nmcp_${id}_${randomBytes(32).toString('base64url')}`;
    const now = this.#clock();
    const record: TokenRecord = {
      id,
      name,
      scopes,
      ...(pools ? { pools } : {}),
      created_at: isoTime(now),
      ...(days === undefined ? {} : { expires_at: isoTime(now + days * DAY_MS) }),
    };
    return await this.#change((tokens) => ({
      tokens: [...tokens, { ...record, hash: hashOf(token) }],
      answer: { token, record },
    }));
  }

  /** Revokes a token, with immediate effect on running servers too. @throws {NmcpError} `not_found`, `storage` */
  async revoke(id: string): Promise<TokenRecord> {
    return await this.#change((tokens) => {
      const found = tokens.find((token) => token.id === id);
      if (!found)
        throw new NmcpError(
          'not_found',
          `There is no token ${JSON.stringify(id.slice(0, 40))}; token list shows the existing ones`,
        );
      const { hash: _, ...record } = found;
      return { tokens: tokens.filter((token) => token !== found), answer: record };
    });
  }

  /** The caller of a token. The comparison takes constant time. */
  verify(token: string): Caller | TokenRefusal {
    const id = TOKEN.exec(token)?.[1];
    if (id === undefined) return 'malformed';
    const found = this.#tokens().find((each) => each.id === id);
    const isSame = timingSafeEqual(
      Buffer.from(found?.hash ?? '0'.repeat(64), 'hex'),
      Buffer.from(hashOf(token), 'hex'),
    );
    if (!found || !isSame) return 'unknown';
    if (found.expires_at !== undefined && parseTime(found.expires_at) <= this.#clock()) return 'expired';
    const { name, scopes, pools } = found;
    return { name, scopes, ...(pools ? { pools } : {}) };
  }

  /** The tokens, reloaded when the file has changed. */
  #tokens(): readonly StoredToken[] {
    const now = performance.now();
    if (this.#cached && now - this.#cached.lookedAt < LOOK_MS) return this.#cached.tokens;
    const version = versionOf(this.#path);
    const tokens = this.#cached?.version === version ? this.#cached.tokens : this.#read();
    this.#cached = { version, tokens, lookedAt: now };
    return tokens;
  }

  #read(): readonly StoredToken[] {
    if (!existsSync(this.#path)) return [];
    requirePrivateSync(this.#path);
    const parsed = v.safeParse(
      v.pipe(v.string(), v.parseJson(), FileSchema),
      readFileSync(this.#path, 'utf8'),
    );
    if (parsed.success) return parsed.output.tokens;
    throw new NmcpError(
      'invalid_config',
      `${this.#path} is not a token file: ${explainIssues(parsed.issues)}`,
    );
  }

  /** Changes the tokens under a lock, so that a revoked one never reappears. */
  async #change<T>(
    change: (tokens: readonly StoredToken[]) => { tokens: readonly StoredToken[]; answer: T },
  ): Promise<T> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    return await withFileLock(`${this.#path}.lock`, async () => {
      const { tokens, answer } = change(this.#read());
      await writeAtomic(this.#path, [Buffer.from(`${JSON.stringify({ tokens }, null, 2)}\n`)]);
      this.#cached = undefined;
      return answer;
    });
  }
}

function versionOf(path: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(path);
    return `${ino}/${mtimeMs}/${size}`;
  } catch {
    return '';
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function invalid(what: string): NmcpError {
  return new NmcpError('invalid_input', what, { title: 'Invalid input' });
}
