import type { AcquiredScanner } from '@nmcp/registry';
import { isNmcpError, isoTime, messageOf, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';
import { countInvalid, countValidation } from './count_validation.ts';
import { fetchResults, type GoodResults } from './fetch_results.ts';
import { finishTask } from './finish_task.ts';

/** Stores the scanner's export, validates and counts it, and completes the task. */
export async function storeResults(
  run: ScanRun,
  scanId: number,
  task: Task,
  slot: AcquiredScanner,
): Promise<void> {
  const { metrics, clock } = run.context;
  try {
    const verdict = await fetchResults(run, scanId, task, slot);
    countValidation(metrics, task, verdict);
    await finishTask(run, (before) => ({
      ...before,
      status: 'completed',
      completed_at: isoTime(clock()),
      progress: 100,
      ...factsOf(verdict),
    }));
  } catch (error) {
    if (isNmcpError(error, 'damaged_document')) countInvalid(metrics, task, error);
    throw error;
  }
}

/** Milliseconds for what a scan has found that was stopped or ran over its time. */
const PARTIAL_MS = 300_000;

/**
 * Stores what a scan has found that ended without being done, when the scanner gives it.
 *
 * @returns what the task knows of it; empty when there is nothing
 */
export async function storePartial(
  run: ScanRun,
  scanId: number,
  task: Task,
  slot: AcquiredScanner,
): Promise<Partial<Task>> {
  try {
    const verdict = await fetchResults(run, scanId, task, slot, { tries: 2, maxMs: PARTIAL_MS });
    if (verdict.stats.hosts_scanned === 0) return {};
    return { partial: true, ...factsOf(verdict) };
  } catch (error) {
    run.signal.throwIfAborted();
    if (isNmcpError(error, 'storage') || isNmcpError(error, 'stale_lease')) throw error;
    run.log.warn({ reason: messageOf(error) }, 'what was found until then could not be fetched');
    return {};
  }
}

function factsOf(
  verdict: GoodResults,
): Pick<Task, 'validation_stats' | 'validation_warnings' | 'authentication_status' | 'ran'> {
  return {
    validation_stats: verdict.stats,
    validation_warnings: verdict.warnings,
    authentication_status: verdict.authentication_status,
    ran: verdict.ran,
  };
}
