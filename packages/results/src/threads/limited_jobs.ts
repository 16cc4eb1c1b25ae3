import type { MessagePort } from 'node:worker_threads';
import { NmcpError } from '@nmcp/types';
import { Tinypool } from 'tinypool';
import type { Carried } from './carried_error.ts';
import type { FairTurns } from './fair_turns.ts';

/** On whose behalf something is done, and until when. */
export interface Asking {
  /** Turns are fair between these, such as names of callers. @default '' */
  share?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Milliseconds that a thread goes on without a job. */
const IDLE_MS = 30_000;
/** Options of {@linkcode LimitedJobs}. */
export interface LimitedJobsOptions {
  turns: FairTurns;
  /** Milliseconds that a job may take. */
  maxMs: number;
  /** Milliseconds in which a job that nobody waits for any more may end by itself. @default 1000 */
  graceMs?: number | undefined;
}

/** Jobs that are done in threads, in fair turns, each within a time. Who leaves is not kept waiting, and others keep their thread. */
export class LimitedJobs<Job> {
  readonly #pool: Tinypool;
  readonly #turns: FairTurns;
  readonly #maxMs: number;
  readonly #graceMs: number;

  constructor(pool: Tinypool, { turns, maxMs, graceMs = 1000 }: LimitedJobsOptions) {
    this.#pool = pool;
    this.#turns = turns;
    this.#maxMs = maxMs;
    this.#graceMs = graceMs;
  }

  /** @throws {NmcpError} `unavailable` for a job that takes too much time or memory; the signal's reason */
  async run(job: Job, { share = '', signal }: Asking = {}): Promise<Carried<unknown>> {
    const end = await this.#turns.take(share, signal);
    if (signal?.aborted) {
      end();
      throw signal.reason;
    }
    const limit = new AbortController();
    const done = runJob(this.#pool, job, { signal: limit.signal });
    const late = setTimeout(() => limit.abort(new TooLong(this.#maxMs)), this.#maxMs);
    const leave = (): void => void setTimeout(() => limit.abort(), this.#graceMs).unref();
    signal?.addEventListener('abort', leave, { once: true });
    const settle = (): void => {
      clearTimeout(late);
      signal?.removeEventListener('abort', leave);
      end();
    };
    done.then(settle, settle);
    return await orAborted(done, signal);
  }
}

/** Makes threads that begin with the first job. */
export function createPool(options: ConstructorParameters<typeof Tinypool>[0]): Tinypool {
  const pool = new Tinypool({
    minThreads: 0,
    idleTimeout: IDLE_MS,
    isolateWorkers: false,
    useAtomics: false, // a thread that waits for a job sleeps, and its timers do not
    ...options,
  });
  pool.on('error', () => {}); // a thread died without a job; another begins with the next one
  return pool;
}

/** Does a job in a thread of a pool; an abort ends the thread. @throws {NmcpError} `unavailable` when the thread ends without an answer */
export async function runJob(
  pool: Tinypool,
  job: unknown,
  { signal, transferList = [] }: { signal?: AbortSignal | undefined; transferList?: MessagePort[] } = {},
): Promise<Carried<unknown>> {
  try {
    return await pool.run(job, { transferList: transferList as never[], signal: signal ?? null }); // ports can be transferred
  } catch (error) {
    throw failureOf(error, signal);
  }
}

function failureOf(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const what = isMemory ? 'needs more memory than this server gives it' : 'ended without an answer';
  return new NmcpError('unavailable', `Reading the findings ${what}; ask for less, or try again`, {
    title: 'Unavailable',
    cause: error,
  });
}

class TooLong extends NmcpError {
  constructor(maxMs: number) {
    super(
      'unavailable',
      `The question took longer than ${maxMs / 1000} s; narrow its filters, or look for less text`,
      { title: 'Took too long' },
    );
  }
}

/** The first of both; what was begun may go on. */
export async function orAborted<T>(done: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await done;
  let leave = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  if (signal.aborted) leave();
  return await Promise.race([done, aborted]).finally(() => signal.removeEventListener('abort', leave));
}
