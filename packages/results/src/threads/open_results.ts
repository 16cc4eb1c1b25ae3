import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { MessageChannel } from 'node:worker_threads';
import type { ScanValidatorOptions } from '@nmcp/schema';
import type { ResultsVerdict } from '../results_reader.ts';
import { type Carried, unpack } from './carried_error.ts';
import { FairTurns } from './fair_turns.ts';
import type { Job } from './jobs.ts';
import { type Asking, createPool, LimitedJobs, orAborted, runJob } from './limited_jobs.ts';
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
  const asked = new LimitedJobs<Job>(questions, { turns: new FairTurns(threads), maxMs });
  const validations = createPool({ ...limits, maxThreads: 2 });
  const conversions = createPool({ ...limits, maxThreads: 1, concurrentTasksPerWorker: CONVERSIONS });
  const indexes = new Map<string, Promise<unknown>>();
  const validationTurns = new FairTurns(2);
  const conversionTurns = new FairTurns(CONVERSIONS, CONVERSIONS_OF_SHARE);

  async function ask(
    name: QuestionName,
    path: string,
    input?: unknown,
    asking: Asking = {},
  ): Promise<unknown> {
    for (;;) {
      const carried = await asked.run({ kind: 'question', name, path, input }, asking);
      if (!('withoutIndex' in carried)) return unwrap(carried);
      await orAborted(build(carried.withoutIndex), asking.signal);
    }
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
    return unwrap(await runJob(validations, job, { signal }).finally(end));
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
      const done = runJob(conversions, job, { transferList: [port2] });
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

function unwrap(carried: Carried<unknown>): unknown {
  if ('value' in carried) return carried.value;
  throw 'error' in carried ? unpack(carried.error) : new Error(`${carried.withoutIndex} has no index`);
}
