import { createHash, randomBytes } from 'node:crypto';
import type { Versions } from '@nmcp/files';
import { type Clock, systemClock } from '@nmcp/types';
import * as v from 'valibot';

/** Seals what is stored, so that it can be used by nobody who only reads the files. */
export interface SessionSeal {
  seal(name: string, value: unknown): Promise<{ sealed: string }>;
  open(name: string, sealed: { sealed: string }): Promise<unknown>;
}

/** Options of {@linkcode PageSessions}. */
export interface PageSessionsOptions {
  /** Where the sessions are; shared by all processes that serve pages. */
  versions: Versions;
  vault: SessionSeal;
  /** Milliseconds that a session lives. @default 28800000 */
  lifetimeMs?: number | undefined;
  /** @default the machine's clock */
  clock?: Clock | undefined;
}

const SessionSchema = v.object({
  id: v.string(),
  sealed: v.string(),
  token: v.string(),
  expires: v.number(),
});
const FileSchema = v.pipe(v.string(), v.parseJson(), v.object({ sessions: v.array(SessionSchema) }));
type StoredSession = v.InferOutput<typeof SessionSchema>;

const LIFETIME_MS = 28_800_000;
/** Sessions of one token; the oldest ends when there are more. */
const MAX_OF_TOKEN = 20;
const MAX_SESSIONS = 5000;
/** Milliseconds for which what was read of the sessions serves. */
const LOOK_MS = 500;

/**
 * Sessions of people who logged in to the pages with a token. A browser holds a random id and never the token: the id opens
 * nothing but pages, lives for some hours, and ends when its holder logs out, in all processes that share the folder. What is
 * stored are its hash, and the token sealed; whoever uses a session has to have its token verified each time, so that a session
 * ends with it.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { PageSessions } from '@nmcp/access';
 * import { VersionFolder } from '@nmcp/files';
 *
 * // @nmcp/vault has one that seals
 * const vault = {
 *   seal: async (_name: string, value: unknown) => ({ sealed: String(value) }),
 *   open: async (_name: string, { sealed }: { sealed: string }) => sealed,
 * };
 * const versions = new VersionFolder(`${mkdtempSync('/tmp/sessions-')}/sessions`);
 * const sessions = new PageSessions({ versions, vault });
 * const id = await sessions.begin('nmcp_a_token');
 * console.assert((await sessions.tokenOf(id)) === 'nmcp_a_token');
 * await sessions.end(id);
 * console.assert((await sessions.tokenOf(id)) === undefined);
 * ```
 */
export class PageSessions {
  readonly #versions: Versions;
  readonly #vault: SessionSeal;
  readonly #lifetimeMs: number;
  readonly #clock: Clock;
  #cached: { sessions: ReadonlyMap<string, StoredSession>; lookedAt: number } | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor({ versions, vault, lifetimeMs = LIFETIME_MS, clock = systemClock }: PageSessionsOptions) {
    this.#versions = versions;
    this.#vault = vault;
    this.#lifetimeMs = lifetimeMs;
    this.#clock = clock;
  }

  /** Begins a session. @returns its id, which is shown only here @throws {NmcpError} `storage` */
  async begin(token: string): Promise<string> {
    const secret = randomBytes(32).toString('base64url');
    const id = hashOf(secret);
    const { sealed } = await this.#vault.seal(nameOf(id), token);
    const session = { id, sealed, token: hashOf(token), expires: this.#clock() + this.#lifetimeMs };
    await this.#change((sessions) => {
      const others = sessions.filter((each) => each.id !== id);
      const own = others.filter((each) => each.token === session.token);
      const kept = own.length < MAX_OF_TOKEN ? others : others.filter((each) => each !== own[0]);
      return [...kept.slice(-MAX_SESSIONS + 1), session];
    });
    return secret;
  }

  /** The token that a session was begun with; `undefined` when there is no such session, or it has ended. */
  async tokenOf(secret: string): Promise<string | undefined> {
    const id = hashOf(secret);
    // one that is not known may have begun in another process a moment ago
    const found = (await this.#sessions()).get(id) ?? (await this.#sessions(0)).get(id);
    if (!found || found.expires <= this.#clock()) return undefined;
    const token = await this.#vault.open(nameOf(id), { sealed: found.sealed }).catch(() => undefined);
    return typeof token === 'string' ? token : undefined;
  }

  /** Ends a session; ending what is none does nothing. @throws {NmcpError} `storage` */
  async end(secret: string): Promise<void> {
    const id = hashOf(secret);
    await this.#change((sessions) => sessions.filter((session) => session.id !== id));
  }

  async #sessions(maxAgeMs: number = LOOK_MS): Promise<ReadonlyMap<string, StoredSession>> {
    const now = performance.now();
    if (this.#cached && now - this.#cached.lookedAt < maxAgeMs) return this.#cached.sessions;
    const sessions = new Map((await this.#read()).sessions.map((session) => [session.id, session]));
    this.#cached = { sessions, lookedAt: now };
    return sessions;
  }

  /** Sessions that cannot be read are none: their holders log in again. */
  async #read(): Promise<{ number: number; sessions: StoredSession[] }> {
    const last = await this.#versions.readLast();
    const parsed = v.safeParse(FileSchema, last?.text);
    return { number: last?.number ?? 0, sessions: parsed.success ? parsed.output.sessions : [] };
  }

  #change(change: (sessions: StoredSession[]) => StoredSession[]): Promise<void> {
    const done = this.#queue.then(async () => {
      while (true) {
        const { number, sessions } = await this.#read();
        const alive = sessions.filter(({ expires }) => expires > this.#clock());
        const text = JSON.stringify({ sessions: change(alive) });
        this.#cached = undefined;
        // somebody else was first, or it may have been committed: the change is the same if it is made twice
        if (await this.#versions.commit(number + 1, text)) return;
      }
    });
    this.#queue = done.catch(() => {});
    return done;
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function nameOf(id: string): string {
  return `session ${id}`;
}
