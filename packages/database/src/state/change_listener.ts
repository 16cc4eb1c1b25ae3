import pg from 'pg';
import { TASK_CHANNEL } from './tables.ts';

/** Milliseconds between two tries to connect, at first and at most. */
const RETRY_MS = 200;
const LONGEST_RETRY_MS = 5000;
/** Class of the locks that say which queue somebody works on. */
const QUEUE_LOCK = 0x6e6d6371;
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
  #queue: string | undefined;

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

  /**
   * Says which queue this process works on, as long as its connection lives.
   *
   * @returns whether others are there that work on another one
   */
  async standFor(queue: string): Promise<boolean> {
    this.#queue = queue;
    this.#isStarted = true;
    const client = await this.#connect(RETRY_MS);
    if (!client) return false; // it is said when it is back
    const { rows } = await client.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = ${QUEUE_LOCK}
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND objid <> (hashtext($1)::bigint & 4294967295)::oid LIMIT 1`,
      [queue],
    );
    return rows.length > 0;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  async #connect(retryMs: number): Promise<pg.Client | undefined> {
    if (this.#isClosed) return undefined;
    const client = new pg.Client(this.#config);
    this.#client = client;
    const lost = (): void => {
      if (this.#client !== client) return;
      this.#drop();
      this.#later(async () => void (await this.#connect(Math.min(2 * retryMs, LONGEST_RETRY_MS))), retryMs);
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload = '' }) => this.#wake(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${TASK_CHANNEL}`);
      // shared by all that work on one queue, and gone with the connection
      if (this.#queue !== undefined)
        await client.query(`SELECT pg_advisory_lock_shared(${QUEUE_LOCK}, hashtext($1))`, [this.#queue]);
      this.hears = this.#client === client;
      this.#wakeAll(); // what was changed before is not told again
      this.#check(client, lost);
      return client;
    } catch {
      lost();
      return undefined;
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
