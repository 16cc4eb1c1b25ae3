import { type Clock, NmcpError, type SharedUse, type Use } from '@nmcp/types';
import { type Caller, LOCAL_CALLER } from './caller.ts';

/** Limits of each caller. */
export interface AccountLimits {
  /** Cost of calls a minute, in simple calls, of which a quarter may come at once; 0 means unlimited. @default 1200 */
  callsPerMinute?: number | undefined;
  /** Calls in progress. @default 32 */
  concurrentCalls?: number | undefined;
  /** Open streams: of events, of sessions, of the dashboard's pages. @default 32 */
  streams?: number | undefined;
}

/** Options of {@linkcode Account}. */
export interface AccountOptions {
  limits?: AccountLimits | undefined;
  clock: Clock;
  /** Given, the account is one over all servers. */
  shared?: SharedUse | undefined;
  /** A unique name of this server. */
  server?: string | undefined;
}

/** Where an answer goes, as a `Writable` is. */
export interface Sink {
  readonly closed: boolean;
  readonly writableLength: number;
}

/** Gives back what was taken. */
export type GiveBack = () => void;

/** What a caller may have open. */
export type OpenKind = 'calls' | 'streams';

const DEFAULTS = { callsPerMinute: 1200, concurrentCalls: 32, streams: 32 };
const MINUTE_MS = 60_000;
/** Cost that may come at once, however few calls a minute has. */
const AT_ONCE = 60;
/** Milliseconds for which what other servers said counts as fresh. */
const FRESH_MS = 200;
/** Milliseconds after which what was spent is told to the others. */
const TELL_MS = 50;
/** Milliseconds between two reminders of what is open. */
const REMIND_MS = 5000;
/** Milliseconds without the others after they could not be asked. */
const ALONE_MS = 5000;

/** Bytes of large answers that are on their way to one caller, and to all. */
const MAX_HELD = 32 * 1024 * 1024;
const MAX_HELD_BY_ALL = 96 * 1024 * 1024;
/** Milliseconds that an answer has to get into its stream. */
const WRITE_MS = 1000;

interface Held {
  bytes: number;
  sink: Sink;
  since: number;
}

interface CallerUse extends Use {
  /** Until when what was spent is paid off. */
  since: number;
  others: Use;
  /** When the others were asked last. */
  exchangedAt: number;
  telling: ReturnType<typeof setTimeout> | undefined;
  held: Held[];
}

const NONE: Use = { spent: 0, calls: 0, streams: 0 };

/**
 * What each caller uses, over every door: each message of a batch, calls in sessions, pages, streams, exports. The local user
 * has no limits.
 *
 * Over several servers it is exact after a tenth of a second; while their store is away each counts alone.
 *
 * @example
 * ```ts
 * import { Account } from '@nmcp/access';
 *
 * using account = new Account({ limits: { callsPerMinute: 2 }, clock: Date.now });
 * const alice = { name: 'alice', scopes: ['read'] } as const;
 * await account.charge(alice, 2);
 * await account.charge(alice).catch((error) => console.assert(error.code === 'too_many_requests'));
 * ```
 */
export class Account implements Disposable {
  readonly #limits: Required<{ [Name in keyof AccountLimits]: number }>;
  readonly #clock: Clock;
  readonly #shared: SharedUse | undefined;
  readonly #server: string;
  readonly #callers = new Map<string, CallerUse>();
  #cleanedAt = 0;
  #aloneUntil = 0;
  #reminding: ReturnType<typeof setInterval> | undefined;

  constructor({ limits = {}, clock, shared, server = '' }: AccountOptions) {
    const given = Object.entries(limits).filter(([, value]) => value !== undefined);
    this.#limits = { ...DEFAULTS, ...Object.fromEntries(given) };
    this.#clock = clock;
    this.#shared = shared;
    this.#server = server;
    if (!shared) return;
    this.#reminding = setInterval(() => this.#remind(), REMIND_MS);
    this.#reminding.unref();
  }

  /**
   * Counts what a caller does.
   *
   * @param cost in simple calls
   * @throws {NmcpError} `too_many_requests` with the seconds to wait, when it was too much already
   */
  async charge(caller: Caller, cost = 1): Promise<void> {
    if (isLocal(caller)) return;
    const { callsPerMinute } = this.#limits;
    if (callsPerMinute === 0) return; // it would never be paid off
    const use = this.#useOf(caller.name);
    await this.#refresh(caller.name, use);
    const beyond = use.spent + use.others.spent - this.#atOnce;
    if (beyond > -1)
      throw tooMany(
        `Your ${callsPerMinute} calls a minute are used up; heavy ones count as several`,
        Math.ceil((beyond + 1) / this.#aSecond),
      );
    use.spent += cost;
    this.#tellSoon(caller.name, use);
  }

  /**
   * Notes that a call or a stream of a caller is open.
   *
   * @returns what ends it
   * @throws {NmcpError} `too_many_requests` when too many are
   */
  open(caller: Caller, kind: OpenKind): GiveBack {
    if (isLocal(caller)) return () => {};
    const use = this.#useOf(caller.name);
    const { concurrentCalls, streams } = this.#limits;
    if (kind === 'calls' && use.calls + use.others.calls >= concurrentCalls)
      throw tooMany(`${concurrentCalls} of your calls are in progress; wait for one to finish`, 1);
    if (kind === 'streams' && use.streams + use.others.streams >= streams)
      throw tooMany(`You have ${streams} open streams; close one`, 1);
    use[kind]++;
    this.#tellSoon(caller.name, use);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      use[kind]--;
      this.#tellSoon(caller.name, use);
    };
  }

  /**
   * Notes a large answer that is on its way to a caller, until its client has read it.
   *
   * @throws {NmcpError} `too_many_requests` when too many bytes are
   */
  hold(caller: Caller, bytes: number, sink: Sink | undefined): void {
    if (isLocal(caller) || !sink) return;
    const all = [...this.#callers.values()].reduce((sum, use) => sum + heldBytes(use), 0);
    const use = this.#useOf(caller.name);
    if (heldBytes(use) + bytes > MAX_HELD)
      throw tooMany('Large answers to you are on their way; read them first, or ask for less at a time', 1);
    if (all + bytes > MAX_HELD_BY_ALL)
      throw tooMany('Many large answers are on their way; try again, or ask for less at a time', 1);
    use.held.push({ bytes, sink, since: performance.now() });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#reminding);
    for (const { telling } of this.#callers.values()) clearTimeout(telling);
  }

  #useOf(name: string): CallerUse {
    const now = this.#clock();
    if (now - this.#cleanedAt >= MINUTE_MS) this.#forgetIdle(now);
    const use = this.#callers.get(name) ?? {
      ...NONE,
      since: now,
      others: NONE,
      exchangedAt: Number.NEGATIVE_INFINITY,
      telling: undefined,
      held: [],
    };
    this.#callers.set(name, use);
    this.#payOff(use, now);
    return use;
  }

  /** What was spent is paid off with time, over all servers in their shares of it. */
  #payOff(use: CallerUse, now: number): void {
    const all = use.spent + use.others.spent;
    const paid = (Math.max(0, now - use.since) / 1000) * this.#aSecond;
    use.since = now;
    if (all > 0) use.spent = Math.max(0, use.spent - (paid * use.spent) / all);
  }

  /** Cost that is paid off in a second. */
  get #aSecond(): number {
    return this.#limits.callsPerMinute / 60;
  }

  /** Cost that may come at once. */
  get #atOnce(): number {
    const { callsPerMinute } = this.#limits;
    return Math.min(callsPerMinute, Math.max(AT_ONCE, callsPerMinute / 4));
  }

  /** Forgets who has nothing open and did nothing for a minute. */
  #forgetIdle(now: number): void {
    this.#cleanedAt = now;
    for (const [name, use] of this.#callers) {
      if (now - use.since < MINUTE_MS || use.calls > 0 || use.streams > 0 || heldBytes(use) > 0) continue;
      clearTimeout(use.telling);
      this.#callers.delete(name);
    }
  }

  /** Asks the other servers, unless they were asked a moment ago. */
  async #refresh(name: string, use: CallerUse): Promise<void> {
    const now = performance.now();
    if (!this.#shared || now - use.exchangedAt < FRESH_MS || now < this.#aloneUntil) return;
    await this.#exchange(name, use);
  }

  async #exchange(name: string, use: CallerUse): Promise<void> {
    clearTimeout(use.telling);
    Object.assign(use, { telling: undefined, exchangedAt: performance.now() });
    const { spent, calls, streams } = use;
    try {
      use.others = (await this.#shared?.exchange(name, this.#server, { spent, calls, streams })) ?? NONE;
    } catch {
      use.others = NONE;
      this.#aloneUntil = performance.now() + ALONE_MS;
    }
  }

  #tellSoon(name: string, use: CallerUse): void {
    if (!this.#shared || use.telling || performance.now() < this.#aloneUntil) return;
    use.telling = setTimeout(() => void this.#exchange(name, use), TELL_MS);
    use.telling.unref();
  }

  #remind(): void {
    for (const [name, { calls, streams, spent }] of this.#callers)
      if (calls > 0 || streams > 0 || spent > 0) this.#tellSoon(name, this.#useOf(name));
  }
}

/** Bytes that a caller has still to read. */
function heldBytes(use: CallerUse): number {
  const now = performance.now();
  // a stream that stays open has sent its answer when nothing waits in it
  use.held = use.held.filter(
    ({ sink, since }) => !sink.closed && (now - since < WRITE_MS || sink.writableLength > 0),
  );
  return use.held.reduce((sum, { bytes }) => sum + bytes, 0);
}

function isLocal({ name }: Caller): boolean {
  return name === LOCAL_CALLER.name;
}

function tooMany(message: string, seconds: number): NmcpError {
  return new NmcpError('too_many_requests', message, {
    title: 'Too many requests',
    details: { retry_after_seconds: Math.max(1, seconds) },
  });
}
