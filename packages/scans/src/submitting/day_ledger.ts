import { createHash } from 'node:crypto';
import type { Versions } from '@nmcp/files';
import type { TaskStore } from '@nmcp/tasks';
import { NmcpError, type TaskId } from '@nmcp/types';

/** Addresses that a submission has taken of what its caller may submit in a day. */
export interface Reservation {
  /** Of one attempt, since several can be made to submit the same task. */
  id: string;
  caller: string;
  task_id: TaskId;
  /** How many, in decimal: an IPv6 network has more than a number can count. */
  addresses: string;
  /** When the task was made, in milliseconds since 1970. */
  at: number;
}

/** What a change of the reservations makes of them. */
export interface LedgerChange<T> {
  /** Absent: nothing is to be changed. */
  reservations?: readonly Reservation[];
  answer: T;
}

const FOLDER = '.day-limits';

/** Names of all ledgers, of which each serves some callers. */
export const LEDGERS: readonly string[] = Array.from('0123456789abcdef', nameOfLedger);

function nameOfLedger(shard: string): string {
  return `${FOLDER}/${shard}`;
}

/**
 * Reservations of callers who have a limit, in versions of which one of several submissions commits the next. Callers share
 * sixteen ledgers by their names: few enough to stay for ever, while one that is removed could be taken for a new one.
 */
export class DayLedger {
  /** Changes of this process wait for each other, since they would only be in each other's way. */
  static readonly #turns = new Map<string, Promise<unknown>>();
  readonly #turn: string;
  readonly #versions: Versions;

  constructor(tasks: Pick<TaskStore, 'dataDir' | 'document'>, caller: string) {
    const name = nameOfLedger(createHash('sha256').update(caller).digest('hex').slice(0, 1));
    this.#turn = `${tasks.dataDir} ${name}`;
    this.#versions = tasks.document(name);
  }

  async read(): Promise<readonly Reservation[]> {
    return (await this.#readLast()).reservations;
  }

  /**
   * Makes a change the next version. When somebody else was first, `change` is asked again on what they made of it; it may
   * see there what it has done itself.
   *
   * @throws {NmcpError} `storage`; what `change` throws passes through
   */
  async change<T>(change: (reservations: readonly Reservation[]) => Promise<LedgerChange<T>>): Promise<T> {
    const turns = DayLedger.#turns;
    const done = (turns.get(this.#turn) ?? Promise.resolve()).then(() => this.#change(change));
    const turn = done.catch(() => {});
    turns.set(this.#turn, turn);
    try {
      return await done;
    } finally {
      if (turns.get(this.#turn) === turn) turns.delete(this.#turn);
    }
  }

  async #change<T>(change: (reservations: readonly Reservation[]) => Promise<LedgerChange<T>>): Promise<T> {
    while (true) {
      const before = await this.#readLast();
      const { reservations, answer } = await change(before.reservations);
      if (reservations === undefined) return answer;
      if (await this.#versions.commit(before.number + 1, JSON.stringify({ reservations }))) return answer;
    }
  }

  async #readLast(): Promise<{ number: number; reservations: readonly Reservation[] }> {
    const last = await this.#versions.readLast();
    if (!last) return { number: 0, reservations: [] };
    try {
      // written by the line above
      const { reservations } = JSON.parse(last.text) as { reservations: readonly Reservation[] };
      return { number: last.number, reservations };
    } catch (error) {
      throw new NmcpError('storage', `${last.path} is damaged; remove it`, { cause: error });
    }
  }
}
