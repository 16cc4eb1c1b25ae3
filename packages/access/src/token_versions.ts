import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import {
  errorCode,
  requirePrivateSync,
  showFile,
  storageError,
  VersionFolder,
  type Versions,
} from '@nmcp/files';
import { explainIssues, NmcpError } from '@nmcp/types';
import * as v from 'valibot';
import { SCOPES } from './caller.ts';
import type { StoredToken } from './token_record.ts';

/** The tokens at one time. */
export interface TokenVersion {
  /** Number of the version that it is, or that it follows if it was written by somebody who knows no versions; from 0. */
  number: number;
  tokens: readonly StoredToken[];
  /** Hash of the last file without a version that went into it. */
  adopted?: string | undefined;
}

/** What a change of the tokens makes of them. */
export interface TokenChange<T> {
  /** Absent: nothing is to be changed. */
  tokens?: readonly StoredToken[];
  answer: T;
}

const FileSchema = v.object({
  version: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  adopted: v.optional(v.string()),
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

/** Where tokens are kept. */
export interface TokenVersions {
  /** Changes whenever the tokens do. A version counts as soon as it is committed, shown or not. */
  fingerprint(): Promise<string>;
  /** The tokens as they are. @throws {NmcpError} `invalid_config` for what is no list of tokens */
  read(): Promise<TokenVersion>;
  /**
   * Makes a change the next version. When somebody else was first, `change` is asked again on what they made of it; it may
   * see there what it has done itself.
   *
   * @throws {NmcpError} as {@linkcode read}; `storage`, `unavailable`; what `change` throws passes through
   */
  change<T>(change: (tokens: readonly StoredToken[]) => TokenChange<T>): Promise<T>;
}

/** Versions of which one is committed after the other. */
abstract class CommittedTokens implements TokenVersions {
  protected readonly versions: Versions;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(versions: Versions) {
    this.versions = versions;
  }

  abstract fingerprint(): Promise<string>;
  abstract read(): Promise<TokenVersion>;
  /** Whatever fails here: it has been committed, and counts. */
  protected async show(): Promise<void> {}

  change<T>(change: (tokens: readonly StoredToken[]) => TokenChange<T>): Promise<T> {
    // one after the other within this process, since they would only be in each other's way
    const done = this.#queue.then(() => this.#change(change));
    this.#queue = done.catch(() => {});
    return done;
  }

  async #change<T>(change: (tokens: readonly StoredToken[]) => TokenChange<T>): Promise<T> {
    while (true) {
      const before = await this.read();
      const { tokens, answer } = change(before.tokens);
      if (tokens === undefined) return answer;
      const version = before.number + 1;
      const content = { version, ...(before.adopted ? { adopted: before.adopted } : {}), tokens };
      if (!(await this.versions.commit(version, `${JSON.stringify(content, null, 2)}\n`))) continue;
      await this.show();
      return answer;
    }
  }
}

/** Tokens in a database. */
export class DatabaseTokens extends CommittedTokens {
  async fingerprint(): Promise<string> {
    return String(await this.versions.lastNumber());
  }

  async read(): Promise<TokenVersion> {
    const last = await this.versions.readLast();
    return last ? parse('The tokens in the database', last.text) : { number: 0, tokens: [] };
  }
}

/**
 * The versions of a token file. They are in the folder `PATH.versions`, and the highest counts; the file itself shows it, for
 * people, and for versions of ours that know no others. Because of these, a file that does not say which version it shows
 * counts too, until a change has taken it in: what they revoke stays revoked.
 */
export class FileTokens extends CommittedTokens {
  readonly #path: string;

  constructor(path: string) {
    super(new VersionFolder(`${path}.versions`));
    this.#path = path;
  }

  async fingerprint(): Promise<string> {
    return `${await this.versions.lastNumber()} ${shownAs(this.#path)}`;
  }

  /**
   * The tokens as they are. When a writer was stopped before it showed its version, or woke up and showed an old one, the
   * file is mended.
   *
   * @throws {NmcpError} `invalid_config` for a file that is none, or that others can read or change
   */
  async read(): Promise<TokenVersion> {
    const shown = readShown(this.#path);
    const last = await this.versions.readLast();
    if (!last) return shown ?? { number: 0, tokens: [] };
    requirePrivateSync(last.path);
    const committed = parse(last.path, last.text);
    const isOutside = shown?.number === 0;
    if (isOutside && shown.adopted !== committed.adopted) return { ...shown, number: last.number };
    if (shown && shown.number >= last.number) return shown;
    void this.show(); // the next reader does it if this one may not
    return committed;
  }

  protected override async show(): Promise<void> {
    try {
      const last = await this.versions.readLast();
      if (last) await showFile(last.path, this.#path);
    } catch {}
  }
}

/** What the file shows; `number` is 0 when it was written by somebody who knows no versions. */
function readShown(path: string): TokenVersion | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw storageError(path, error, 'read');
  }
  requirePrivateSync(path);
  return parse(path, text);
}

function parse(path: string, text: string): TokenVersion {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), FileSchema), text);
  if (!parsed.success)
    throw new NmcpError('invalid_config', `${path} is not a token file: ${explainIssues(parsed.issues)}`);
  const { version, adopted, tokens } = parsed.output;
  if (version !== undefined) return { number: version, tokens, adopted };
  return { number: 0, tokens, adopted: createHash('sha256').update(text).digest('hex') };
}

function shownAs(path: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(path);
    return `${ino}/${mtimeMs}/${size}`;
  } catch {
    return '';
  }
}
