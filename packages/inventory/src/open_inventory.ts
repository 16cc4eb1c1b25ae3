import { createRequire } from 'node:module';
import { type Asking, type Carried, createPool, FairTurns, LimitedJobs, runJob, unpack } from '@nmcp/results';
import type { Tinypool } from 'tinypool';
import type { AcceptedRisk } from './accepted_risk.ts';
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

/** On whose behalf something is asked, and what they see. */
export interface InventoryAsking extends Asking {
  viewer: Viewer;
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
  /** Counts changes. */
  version(): Promise<number>;
  /** Accepts findings for some time. */
  acceptRisk(risk: AcceptedRisk): Promise<void>;
  /** Takes an accepted risk back. @returns whether there was one */
  takeBackRisk(id: string): Promise<boolean>;
  /** Tasks whose scans were applied, and with the reason those that were refused. */
  known(): Promise<Map<string, string | undefined>>;
  close(): Promise<void>;
}

/** Milliseconds that a thread goes on without a question, and keeps what it has read. */
const IDLE_MS = 120_000;
/** Milliseconds in which a question that was left may end: what it reads serves the next one. */
const GRACE_MS = 10_000;
/** Megabytes of memory that applying a scan may take: a million findings need half of it. */
const CHANGE_MEGABYTES = 256;

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
    createPool({
      ...{ filename, maxThreads: 1, idleTimeout: IDLE_MS },
      resourceLimits: { maxOldGenerationSizeMb: Math.min(maxMegabytes, megabytes) },
    });
  const [questions, changes] = [pool(maxMegabytes), pool(CHANGE_MEGABYTES)];
  const asked = new LimitedJobs<Job>(questions, { turns: new FairTurns(1), maxMs, graceMs: GRACE_MS });
  const place = { url, rulesFile };
  const change = async (job: Job): Promise<unknown> => unwrap(await runJob(changes, job));

  const close = async (): Promise<void> => {
    await Promise.all([questions.destroy(), changes.destroy()]);
  };
  return {
    ask: (async (name: QuestionName, input: unknown, { viewer, ...asking }: InventoryAsking) =>
      unwrap(
        await asked.run({ ...place, kind: 'question', name, input, viewer }, asking),
      )) as Inventory['ask'], // the answer is that question's
    apply: async (path, scan, { partial = false } = {}) =>
      (await change({ ...place, kind: 'apply', path, partial, scan })) as Applied, // of that job
    version: async () => unwrap(await asked.run({ ...place, kind: 'version' })) as number, // of that job
    acceptRisk: async (risk) => void unwrap(await asked.run({ ...place, kind: 'accept_risk', risk }, {})),
    takeBackRisk: async (id) =>
      unwrap(await asked.run({ ...place, kind: 'take_back_risk', id }, {})) as boolean, // of that job
    known: async () => (await change({ ...place, kind: 'known' })) as Map<string, string | undefined>, // of that job
    close,
    [Symbol.asyncDispose]: close,
  };
}

function unwrap(carried: Carried<unknown>): unknown {
  if ('value' in carried) return carried.value;
  throw 'error' in carried ? unpack(carried.error) : new Error('The scan has no index');
}
