import { createRequire } from 'node:module';
import { type Carried, FairTurns, unpack } from '@nmcp/results';
import { messageOf, NmcpError } from '@nmcp/types';
import { Tinypool } from 'tinypool';
import type { Applied, AppliedScan } from './apply/apply_scan.ts';
import type { Viewer } from './load_view.ts';
import type { Answer, QuestionInput, QuestionName } from './questions/questions.ts';
import type { InventoryPlace, Job } from './threads/jobs.ts';

/** Options of {@linkcode openInventory}. */
export interface OpenInventoryOptions extends InventoryPlace {
  /** Milliseconds that a question may take. @default 30_000 */
  maxMs?: number | undefined;
  /** Megabytes of memory that a thread may take beside its columns of numbers. @default 384 */
  maxMegabytes?: number | undefined;
}

/** On whose behalf something is asked. */
export interface InventoryAsking {
  viewer: Viewer;
  /** Turns are fair between these, such as names of callers. @default '' */
  share?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * One memory over all scans. It works in two threads of its own, so that questions do not wait for scans that are applied. A
 * database that is away fails what is asked of it, and is tried again with the next question.
 *
 * Methods throw `NmcpError`: `invalid_input` for a wrong question, `invalid_config` for a wrong database or inventory.yaml,
 * `unavailable` and `storage` of the database.
 */
export interface Inventory extends AsyncDisposable {
  ask<Name extends QuestionName>(
    name: Name,
    input: QuestionInput<Name>,
    asking: InventoryAsking,
  ): Promise<Answer<Name>>;
  /**
   * Applies the stored report of a scan; one that was applied already changes nothing.
   *
   * @param path of the .nessus file
   */
  apply(path: string, scan: Omit<AppliedScan, 'now'>, options?: { partial?: boolean }): Promise<Applied>;
  /** Tasks whose scans were applied, and with the reason those that were refused. */
  known(): Promise<Map<string, string | undefined>>;
  close(): Promise<void>;
}

/** Milliseconds that a thread goes on without a job. */
const IDLE_MS = 120_000;
/** Megabytes of memory that applying a scan may take: a million findings need half of it. */
const CHANGE_MEGABYTES = 256;
/** Questions that wait at a time beside the one that is answered. */
const TURNS = 2;

/**
 * Opens the inventory. Nothing is connected before the first question.
 *
 * @example
 * ```ts
 * import { openInventory } from '@nmcp/inventory';
 *
 * await using inventory = openInventory({ url: ':memory:' });
 * const { assets, why_empty } = await inventory.ask('assets', {}, { viewer: {} });
 * console.assert(assets.length === 0 && why_empty?.startsWith('No scan'));
 * ```
 */
export function openInventory({
  url,
  rulesFile,
  maxMs = 30_000,
  maxMegabytes = 384,
}: OpenInventoryOptions): Inventory {
  const filename = createRequire(import.meta.url).resolve('@nmcp/inventory/jobs');
  const pool = (megabytes: number): Tinypool =>
    new Tinypool({
      ...{ filename, minThreads: 0, maxThreads: 1, idleTimeout: IDLE_MS, isolateWorkers: false },
      ...{ useAtomics: false, resourceLimits: { maxOldGenerationSizeMb: megabytes } },
    }).on('error', () => {}) as Tinypool; // a thread died without a job; another begins with the next one
  const [questions, changes] = [pool(maxMegabytes), pool(Math.min(maxMegabytes, CHANGE_MEGABYTES))];
  const turns = new FairTurns(TURNS);
  const place = { url, rulesFile };

  async function ask(name: QuestionName, input: unknown, asking: InventoryAsking): Promise<unknown> {
    const { viewer, share = '', signal } = asking;
    const end = await turns.take(share, signal);
    try {
      const limit = AbortSignal.timeout(maxMs);
      const both = signal ? AbortSignal.any([signal, limit]) : limit;
      return await run(questions, { ...place, kind: 'question', name, input, viewer }, both);
    } finally {
      end();
    }
  }

  const close = async (): Promise<void> => {
    await Promise.all([questions.destroy(), changes.destroy()]);
  };
  return {
    ask: ask as Inventory['ask'], // the answer is that question's
    apply: async (path, scan, { partial = false } = {}) =>
      (await run(changes, { ...place, kind: 'apply', path, partial, scan })) as Applied, // of that job
    known: async () => (await run(changes, { ...place, kind: 'known' })) as Map<string, string | undefined>, // of that job
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function run(pool: Tinypool, job: Job, signal?: AbortSignal): Promise<unknown> {
  let carried: Carried<unknown>;
  try {
    carried = await pool.run(job, { signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted && !(signal.reason instanceof DOMException)) throw signal.reason;
    throw new NmcpError(
      'unavailable',
      `The inventory ended without an answer: ${messageOf(error)}; ask for less, or try again`,
      {
        cause: error,
      },
    );
  }
  if ('value' in carried) return carried.value;
  throw 'error' in carried ? unpack(carried.error) : new Error('The scan has no index');
}
