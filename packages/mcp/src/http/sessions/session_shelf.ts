import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import type { SessionNews, SessionStore, StoredSession } from '@nmcp/scans';
import { currentRequest } from '../../request_context.ts';
import type { LiveSession } from './live_session.ts';

/** Sessions at this server beyond which the least recently used ones leave it; they can be taken up again. */
const MAX_LIVE = 1000;
/**
 * Milliseconds without use after which a session leaves this server, and its memory; it is taken up again from the store, which
 * knows when it ends.
 */
const IDLE_MS = 60_000;
/** The same for one that has a call in progress, a stream or subscriptions. */
const BUSY_MS = 1_800_000;
/** Milliseconds after which the store is told that a session is used. */
const TOUCH_MS = 30_000;
const BEAT_MS = 2000;

/** How a session is made for the first time, or taken up again. */
export type TakeUp<S> = (id: string, stored: StoredSession) => Promise<S>;

/** The sessions that this server has, of all those in the store. A session is taken up where its next request lands. */
export class SessionShelf<S extends LiveSession> {
  readonly #store: SessionStore;
  readonly #server: string;
  readonly #takeUp: TakeUp<S>;
  /** In the order of their last use. */
  readonly #live = new Map<string, S>();
  readonly #comingUp = new Map<string, Promise<S | undefined>>();
  /** Streams by session: to wake them, and to end them. */
  readonly #streams = new Map<string, Set<{ wake: () => void; end: () => void }>>();
  #listening: Promise<void> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;

  constructor(store: SessionStore, server: string, takeUp: TakeUp<S>) {
    this.#store = store;
    this.#server = server;
    this.#takeUp = takeUp;
  }

  get size(): number {
    return this.#live.size;
  }

  /** A session of the caller, here or from the store. @throws {NmcpError} `unavailable` when only the store knows */
  async find(id: string): Promise<S | undefined> {
    const { name } = currentRequest().caller;
    const live = this.#live.get(id) ?? (await this.#bringUp(id, name));
    if (live?.caller.name !== name) return undefined;
    const now = performance.now();
    if (now - live.touchedAt > TOUCH_MS) {
      live.touchedAt = now;
      // a store that is away has not said that it ended
      if (!(await this.#store.touch(id, name).catch(() => true))) {
        await this.drop(id);
        return undefined;
      }
    }
    live.usedAt = now;
    this.#live.delete(id);
    this.#live.set(id, live);
    return live;
  }

  /** Puts a session there that begins here. */
  async add(session: S): Promise<void> {
    await this.start();
    this.#live.set(session.id, session);
    this.#dropIdle();
  }

  /** Leaves a session to other servers, or to its end. */
  async drop(id: string): Promise<void> {
    const live = this.#live.get(id);
    this.#live.delete(id);
    await live?.close();
  }

  /** Tells other servers what a client has said to whichever of them asked it. */
  async forward(id: string, messages: readonly JSONRPCMessage[]): Promise<void> {
    for (const message of messages)
      await this.#store.tell({ session: id, message: JSON.stringify(message), from: this.#server });
  }

  /** Lets a stream be woken. @returns what ends that */
  listen(id: string, wake: () => void, end: () => void): () => void {
    const stream = { wake, end };
    const streams = this.#streams.get(id) ?? new Set();
    this.#streams.set(id, streams.add(stream));
    return () => {
      streams.delete(stream);
      if (streams.size === 0 && this.#streams.get(id) === streams) this.#streams.delete(id);
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#beat);
    for (const streams of this.#streams.values()) for (const { end } of [...streams]) end();
    await Promise.all([...this.#live.keys()].map((id) => this.drop(id)));
  }

  /** Begins to listen to other servers, and to say that this one lives. @throws {NmcpError} `unavailable` */
  async start(): Promise<void> {
    this.#listening ??= this.#store.listen((news) => this.#hear(news));
    try {
      await this.#listening;
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
    if (this.#beat) return;
    await this.#store.beat(this.#server);
    this.#beat = setInterval(() => {
      this.#dropIdle();
      void this.#store.beat(this.#server).catch(() => {});
    }, BEAT_MS);
    this.#beat.unref();
  }

  /** Two requests at once take it up once. */
  async #bringUp(id: string, caller: string): Promise<S | undefined> {
    const coming =
      this.#comingUp.get(id) ??
      this.#load(id, caller).finally(() => {
        this.#comingUp.delete(id);
      });
    this.#comingUp.set(id, coming);
    return await coming;
  }

  async #load(id: string, caller: string): Promise<S | undefined> {
    const stored = await this.#store.find(id);
    if (stored?.caller !== caller) return undefined;
    const session = await this.#takeUp(id, stored);
    await this.add(session);
    for (const uri of stored.subscriptions) await session.subscriptions.resume(uri);
    return session;
  }

  #hear({ session, ended, message, from }: SessionNews): void {
    for (const { wake, end } of [...(this.#streams.get(session) ?? [])]) (ended ? end : wake)();
    if (ended) void this.drop(session);
    if (message !== undefined && from !== this.#server) this.#live.get(session)?.receive(JSON.parse(message));
  }

  #dropIdle(): void {
    const now = performance.now();
    for (const [id, session] of this.#live) {
      const isBeyond = this.#live.size > MAX_LIVE;
      if (session.usedAt > now - IDLE_MS && !isBeyond) return;
      const isBusy = session.isBusy() || this.#streams.has(id);
      if (isBeyond || !isBusy || session.usedAt < now - BUSY_MS) void this.drop(id);
    }
  }
}
