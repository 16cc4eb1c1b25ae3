import type { Caller } from '@nmcp/access';
import type { Services, SessionStore } from '@nmcp/scans';
import { watchUri } from '../../subscriptions.ts';

/** Milliseconds between two looks at what a session has subscribed to: a change while the store was away is told then. */
const LOOK_MS = 2000;

interface Watch {
  stop: () => void;
  revision: () => Promise<number>;
}

/**
 * What a session has subscribed to. Every server that has the session watches; the store sees to it that each state of a
 * resource is told once.
 */
export class SessionSubscriptions {
  readonly #store: SessionStore;
  readonly #services: Services;
  readonly #session: string;
  readonly #caller: Caller;
  readonly #watches = new Map<string, Watch>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(store: SessionStore, services: Services, session: string, caller: Caller) {
    this.#store = store;
    this.#services = services;
    this.#session = session;
    this.#caller = caller;
  }

  /** @throws {NmcpError} `not_found`; `unavailable` when the store is away, and then nothing is subscribed to */
  async subscribe(uri: string): Promise<void> {
    const watch = await this.#watch(uri);
    const revision = await watch.revision();
    try {
      await this.#store.subscribe(this.#session, uri, revision);
    } catch (error) {
      watch.stop();
      throw error;
    }
    this.#keep(uri, watch);
  }

  async unsubscribe(uri: string): Promise<void> {
    await this.#store.subscribe(this.#session, uri, undefined);
    this.#drop(uri);
  }

  /** Watches what the client has subscribed to at another server, and tells what has changed since. */
  async resume(uri: string): Promise<void> {
    const watch = await this.#watch(uri).catch(() => undefined); // it is gone
    if (!watch) return;
    this.#keep(uri, watch);
    await this.#look(uri, watch);
  }

  /** Number of resources that are watched. */
  get size(): number {
    return this.#watches.size;
  }

  close(): void {
    for (const uri of [...this.#watches.keys()]) this.#drop(uri);
  }

  #watch(uri: string): Promise<Watch> {
    return watchUri(uri, this.#services, this.#caller, (revision) => void this.#tell(uri, revision));
  }

  #keep(uri: string, watch: Watch): void {
    this.#watches.get(uri)?.stop();
    this.#watches.set(uri, watch);
    this.#timer ??= setInterval(() => {
      for (const [each, known] of this.#watches) void this.#look(each, known);
    }, LOOK_MS);
    this.#timer.unref();
  }

  #drop(uri: string): void {
    this.#watches.get(uri)?.stop();
    this.#watches.delete(uri);
    if (this.#watches.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(uri: string, { revision }: Watch): Promise<void> {
    const now = await revision().catch(() => 0); // removed
    if (now > 0) await this.#tell(uri, now);
  }

  async #tell(uri: string, revision: number): Promise<void> {
    const message = { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } };
    const event = { stream: '', message: JSON.stringify(message), change: { uri, revision } };
    await this.#store.append(this.#session, event).catch(() => {}); // told at the next look
  }
}
