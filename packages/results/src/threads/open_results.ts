import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { ScanValidatorOptions } from '@nmcp/schema';
import { NmcpError } from '@nmcp/types';
import { Tinypool } from 'tinypool';
import type { ResultsVerdict } from '../results_reader.ts';
import { type Carried, unpack } from './carried_error.ts';
import { FairTurns } from './fair_turns.ts';
import type { Job } from './jobs.ts';
import { receivePieces } from './piece_channel.ts';
import type { Answer, QuestionInput, QuestionName } from './questions.ts';

/** Options of {@linkcode openResults}. */
export interface OpenResultsOptions {
  /** Questions that are worked on at a time, each in a thread. @default 2 */
  threads?: number | undefined;
  /** Milliseconds that a question may take. @default 30_000 */
  maxMs?: number | undefined;
  /** Megabytes of memory that a thread may take beside its columns of numbers. @default 384 */
  maxMegabytes?: number | undefined;
  /** @internal The module that does the jobs. */
  jobs?: string | undefined;
}

/** On whose behalf something is done, and until when. */
export interface Asking {
  /** Turns are fair between these, such as names of callers. @default '' */
  share?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * The findings of stored scans, read in a few worker threads, so that no question, conversion or large export holds up the
 * process. A thread that dies, hangs or runs out of memory ends its job with an error, and another takes its place.
 *
 * Methods take the path of a .nessus file and throw `NmcpError`: `not_found` when it is gone, `damaged_document`, `storage`,
 * `invalid_input` for a wrong question or an answer that would be too long, `unavailable` for one that takes too much time or
 * memory; and the signal's reason when it is aborted.
 *
 * @example
 * ```ts
 * import { openResults } from '@nmcp/results';
 *
 * await using results = openResults();
 * await results
 *   .ask('hostNames', '/nowhere/scan_native.nessus')
 *   .catch((error) => console.assert(error.code === 'not_found'));
 * ```
 */
export interface Results extends AsyncDisposable {
  /** Asks one of {@linkcode Questions} about a stored scan. */
  ask<Name extends QuestionName>(
    name: Name,
    path: string,
    ...input: undefined extends QuestionInput<Name>
      ? [input?: QuestionInput<Name>, asking?: Asking]
      : [input: QuestionInput<Name>, asking?: Asking]
  ): Promise<Answer<Name>>;
  /** Reads a file once: builds its index, and says what is in it. */
  validate(
    path: string,
    options?: ScanValidatorOptions,
    asking?: Pick<Asking, 'signal'>,
  ): Promise<ResultsVerdict>;
  /** A file in a format of `FORMATS`, `jsonl` or its own, `nessus`. It is read no faster than its bytes are taken. */
  convert(path: string, format: string, asking?: Asking): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Milliseconds that a thread goes on without a job. */
const IDLE_MS = 30_000;
/** Milliseconds in which a question that nobody waits for any more may end by itself. */
const GRACE_MS = 1000;
/** Conversions at a time, and those of one share; each is read as fast as its client reads, so one that waits costs little. */
const CONVERSIONS = 32;
const CONVERSIONS_OF_SHARE = 8;

/** Opens stored results. Threads begin with the first job. */
export function openResults({
  threads = 2,
  maxMs = 30_000,
  maxMegabytes = 384,
  jobs = createRequire(import.meta.url).resolve('@nmcp/results/jobs'),
}: OpenResultsOptions = {}): Results {
  const limits = { filename: jobs, resourceLimits: { maxOldGenerationSizeMb: maxMegabytes } };
  const questions = createPool({ ...limits, maxThreads: threads });
  const validations = createPool({ ...limits, maxThreads: 2 });
  const conversions = createPool({ ...limits, maxThreads: 1, concurrentTasksPerWorker: CONVERSIONS });
  const indexes = new Map<string, Promise<unknown>>();
  const questionTurns = new FairTurns(threads);
  const validationTurns = new FairTurns(2);
  const conversionTurns = new FairTurns(CONVERSIONS, CONVERSIONS_OF_SHARE);

  async function ask(
    name: QuestionName,
    path: string,
    input?: unknown,
    asking: Asking = {},
  ): Promise<unknown> {
    for (;;) {
      const carried = await askOnce({ kind: 'question', name, path, input }, asking);
      if (!('withoutIndex' in carried)) return unwrap(carried);
      await orAborted(build(carried.withoutIndex), asking.signal);
    }
  }

  async function askOnce(job: Job, { share = '', signal }: Asking): Promise<Carried<unknown>> {
    const end = await questionTurns.take(share, signal);
    if (signal?.aborted) {
      end();
      throw signal.reason;
    }
    const limit = new AbortController();
    const done = run(questions, job, { signal: limit.signal });
    const late = setTimeout(() => limit.abort(new TooLong(maxMs)), maxMs);
    const leave = (): void => void setTimeout(() => limit.abort(), GRACE_MS).unref();
    signal?.addEventListener('abort', leave, { once: true });
    const settle = (): void => {
      clearTimeout(late);
      signal?.removeEventListener('abort', leave);
      end();
    };
    done.then(settle, settle);
    return await orAborted(done, signal);
  }

  /** Those who ask meanwhile wait for the same index. */
  function build(path: string): Promise<unknown> {
    const building =
      indexes.get(path) ?? validation({ kind: 'index', path }).finally(() => indexes.delete(path));
    indexes.set(path, building);
    return building;
  }

  async function validation(job: Job, signal?: AbortSignal): Promise<unknown> {
    const end = await validationTurns.take('', signal);
    return unwrap(await run(validations, job, { signal }).finally(end));
  }

  async function* convert(
    path: string,
    format: string,
    { share = '', signal }: Asking = {},
  ): AsyncGenerator<Uint8Array> {
    if (format === 'nessus') return yield* createReadStream(path);
    const end = await conversionTurns.take(share, signal);
    try {
      const { port1, port2 } = new MessageChannel();
      const job: Job = { kind: 'conversion', path, format, port: port2 };
      const done = run(conversions, job, { transferList: [port2] });
      done.catch(() => port1.close());
      yield* receivePieces(port1);
      unwrap(await done);
    } finally {
      end();
    }
  }

  const close = async (): Promise<void> => {
    await Promise.all([questions, validations, conversions].map((pool) => pool.destroy()));
  };

  return {
    ask: ask as Results['ask'], // the answer is that question's
    async validate(path, options = {}, { signal } = {}) {
      return (await validation({ kind: 'validation', path, options }, signal)) as ResultsVerdict; // of that job
    },
    convert,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createPool(options: ConstructorParameters<typeof Tinypool>[0]): Tinypool {
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

async function run(
  pool: Tinypool,
  job: Job,
  { signal, transferList = [] }: { signal?: AbortSignal | undefined; transferList?: MessagePort[] },
): Promise<Carried<unknown>> {
  try {
    return await pool.run(job, { transferList: transferList as never[], signal: signal ?? null }); // ports can be transferred
  } catch (error) {
    throw failureOf(error, signal);
  }
}

function unwrap(carried: Carried<unknown>): unknown {
  if ('value' in carried) return carried.value;
  throw 'error' in carried ? unpack(carried.error) : new Error(`${carried.withoutIndex} has no index`);
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
async function orAborted<T>(done: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await done;
  let leave = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  if (signal.aborted) leave();
  return await Promise.race([done, aborted]).finally(() => signal.removeEventListener('abort', leave));
}
