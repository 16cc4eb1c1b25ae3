import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Clock, isoTime, NmcpError, parseTime, systemClock } from '@nmcp/types';
import { type Caller, SCOPES, type Scope } from './caller.ts';
import type { StoredToken, TokenRecord } from './token_record.ts';
import { FileTokens, type TokenChange, type TokenVersions } from './token_versions.ts';

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

const TOKEN = /^nmcp_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;
const CALLER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}$/;
const DAY_MS = 86_400_000;
/** Milliseconds between checks whether the tokens have changed. */
const LOOK_MS = 500;

/**
 * API tokens. The tokens themselves are kept nowhere: they have 256 random bits, so
 * their SHA-256 is kept.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { openTokenFile } from '@nmcp/access';
 *
 * const tokens = openTokenFile(`${mkdtempSync('/tmp/tokens-')}/tokens.json`);
 * const { token } = await tokens.create({ name: 'alice', scopes: ['scan'] });
 * const caller = await tokens.verify(token);
 * console.assert(typeof caller === 'object' && caller.name === 'alice');
 * ```
 */
export class Tokens {
  readonly #versions: TokenVersions;
  readonly #clock: Clock;
  #cached: { fingerprint: string; tokens: readonly StoredToken[]; lookedAt: number } | undefined;

  constructor(versions: TokenVersions, clock: Clock = systemClock) {
    this.#versions = versions;
    this.#clock = clock;
  }

  /** Whether there is no token. */
  async isEmpty(): Promise<boolean> {
    return (await this.#tokens()).length === 0;
  }

  /** Tokens, without their secrets. */
  async list(): Promise<TokenRecord[]> {
    return (await this.#versions.read()).tokens.map(({ hash: _, ...token }) => token);
  }

  /**
   * Creates a token. It is returned only here.
   *
   * @throws {NmcpError} `invalid_input` for an invalid name, or no scope; `storage`
   */
  async create(what: NewToken): Promise<{ token: string; record: TokenRecord }> {
    requireValid(what);
    let made: MadeToken | undefined;
    return await this.#change((tokens) => {
      if (made && tokens.some(({ id }) => id === made?.record.id)) return { answer: made };
      // anew each time: the one before may have been committed, seen and revoked, and must not return
      made = makeToken(what, this.#clock());
      const { token, record } = made;
      return { tokens: [...tokens, { ...record, hash: hashOf(token) }], answer: made };
    });
  }

  /** Revokes a token, with immediate effect on running servers too. @throws {NmcpError} `not_found`, `storage` */
  async revoke(id: string): Promise<TokenRecord> {
    let revoked: TokenRecord | undefined;
    return await this.#change((tokens) => {
      const found = tokens.find((token) => token.id === id);
      if (!found && revoked) return { answer: revoked };
      if (!found)
        throw new NmcpError(
          'not_found',
          `There is no token ${JSON.stringify(id.slice(0, 40))}; token list shows the existing ones`,
        );
      const { hash: _, ...record } = found;
      revoked = record;
      return { tokens: tokens.filter((token) => token !== found), answer: record };
    });
  }

  /** The caller of a token. The comparison takes constant time. */
  async verify(token: string): Promise<Caller | TokenRefusal> {
    const id = TOKEN.exec(token)?.[1];
    if (id === undefined) return 'malformed';
    const found = (await this.#tokens()).find((each) => each.id === id);
    const isSame = timingSafeEqual(
      Buffer.from(found?.hash ?? '0'.repeat(64), 'hex'),
      Buffer.from(hashOf(token), 'hex'),
    );
    if (!found || !isSame) return 'unknown';
    if (found.expires_at !== undefined && parseTime(found.expires_at) <= this.#clock()) return 'expired';
    const { name, scopes, pools } = found;
    return { name, scopes, ...(pools ? { pools } : {}) };
  }

  /** The tokens, reloaded when they have changed. */
  async #tokens(): Promise<readonly StoredToken[]> {
    const now = performance.now();
    if (this.#cached && now - this.#cached.lookedAt < LOOK_MS) return this.#cached.tokens;
    const fingerprint = await this.#versions.fingerprint();
    const tokens =
      this.#cached?.fingerprint === fingerprint ? this.#cached.tokens : (await this.#versions.read()).tokens;
    this.#cached = { fingerprint, tokens, lookedAt: now };
    return tokens;
  }

  async #change<T>(change: (tokens: readonly StoredToken[]) => TokenChange<T>): Promise<T> {
    try {
      return await this.#versions.change(change);
    } finally {
      this.#cached = undefined;
    }
  }
}

/**
 * The tokens of a file that only its owner can read.
 *
 * @param clock @default the machine's clock
 */
export function openTokenFile(path: string, clock?: Clock): Tokens {
  return new Tokens(new FileTokens(path), clock);
}

interface MadeToken {
  token: string;
  record: TokenRecord;
}

function makeToken({ name, scopes, pools, days }: NewToken, now: number): MadeToken {
  const id = randomBytes(6).toString('hex');
  const record: TokenRecord = {
    id,
    name,
    scopes,
    ...(pools ? { pools } : {}),
    created_at: isoTime(now),
    ...(days === undefined ? {} : { expires_at: isoTime(now + days * DAY_MS) }),
  };
  return { token: `nmcp_${id}_${randomBytes(32).toString('base64url')}`, record };
}

function requireValid({ name, scopes, days }: NewToken): void {
  if (!CALLER_NAME.test(name) || name === 'local')
    throw invalid(
      `name ${JSON.stringify(name.slice(0, 60))}: expected letters, digits, "_", ".", "@" and "-", and not "local"`,
    );
  if (scopes.length === 0) throw invalid(`scopes: expected one or more of ${SCOPES.join(', ')}`);
  if (days !== undefined && !(days > 0)) throw invalid('days: expected a number above 0');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function invalid(what: string): NmcpError {
  return new NmcpError('invalid_input', what, { title: 'Invalid input' });
}
