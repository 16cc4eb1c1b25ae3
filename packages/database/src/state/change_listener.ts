import pg from 'pg';
import { TASK_CHANNEL } from './tables.ts';

/** Milliseconds between two tries to connect, at first and at most. */
const RETRY_MS = 200;
const LONGEST_RETRY_MS = 5000;
/** Milliseconds between two looks whether the connection is still one. */
const CHECK_MS = 15_000;

/**
 * Hears of changes of tasks, whichever process makes them, on one connection of its own. While that is lost nothing is heard,
 * and everybody is woken when it is back: whoever listens looks by himself meanwhile.
 */
export class ChangeListener implements Disposable {
  readonly #config: pg.ClientConfig;
  readonly #waiting = new Map<string, Set<() => void>>();
  #client: pg.Client | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStarted = false;
  #isClosed = false;
  /** Whether changes are heard at the moment. */
  hears = false;

  constructor(config: pg.ClientConfig) {
    this.#config = config;
  }

  /** Calls back at each change of a task, and when changes may have been missed. @returns what ends it */
  listen(id: string, onChange: () => void): () => void {
    const listeners = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, listeners.add(onChange));
    if (!this.#isStarted) {
      this.#isStarted = true;
      void this.#connect(RETRY_MS);
    }
    return () => {
      listeners.delete(onChange);
      if (listeners.size === 0 && this.#waiting.get(id) === listeners) this.#waiting.delete(id);
    };
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  async #connect(retryMs: number): Promise<void> {
    if (this.#isClosed) return;
    const client = new pg.Client(this.#config);
    this.#client = client;
    const lost = (): void => {
      if (this.#client !== client) return;
      this.#drop();
      this.#later(() => this.#connect(Math.min(2 * retryMs, LONGEST_RETRY_MS)), retryMs);
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload = '' }) => this.#wake(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${TASK_CHANNEL}`);
      this.hears = this.#client === client;
      this.#wakeAll(); // what was changed before is not told again
      this.#check(client, lost);
    } catch {
      lost();
    }
  }

  /** A connection that was cut off without a word stays silent for ever. */
  #check(client: pg.Client, lost: () => void): void {
    this.#later(async () => {
      if (this.#client !== client) return;
      await client.query('SELECT 1').then(() => this.#check(client, lost), lost);
    }, CHECK_MS);
  }

  #later(action: () => Promise<void>, ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void action(), ms);
    this.#timer.unref();
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    this.hears = false;
    void client?.end().catch(() => {});
    this.#wakeAll();
  }

  #wake(id: string): void {
    for (const listener of [...(this.#waiting.get(id) ?? [])]) listener();
  }

  #wakeAll(): void {
    for (const id of [...this.#waiting.keys()]) this.#wake(id);
  }
}
