import { isFinal } from '@nmcp/types';
import { removeDamagedTasks, removeExpiredTasks } from './expired_tasks.ts';
import type { HousekeepingOptions, HousekeepingReport, HousekeepingRun } from './housekeeping_types.ts';
import { removeScannerScans } from './scanner_scans.ts';
import { removeScopePolicies } from './scope_policies.ts';
import { removeLateScans } from './second_scans.ts';
import { endStaleTasks } from './stale_tasks.ts';

/**
 * Removes what is no longer needed: scans of ours on the scanners, tasks that have waited or run for too long and that nobody
 * holds, tasks whose time is over, also damaged ones. What is held by a worker is never touched, nor a scan on a scanner that does not carry our mark. Each
 * removal is whole, so it may be cut off anywhere.
 */
export async function runHousekeeping(options: HousekeepingOptions): Promise<HousekeepingReport> {
  const report: HousekeepingReport = { scans: [], policies: [], stale: [], expired: [], problems: [] };
  const run: HousekeepingRun = { ...options, report };
  const all = await options.tasks.list();
  const ended = all.filter(({ status }) => isFinal(status));
  await endStaleTasks(
    run,
    all.filter(({ status }) => !isFinal(status)),
  );
  await removeLateScans(run, all);
  // before the tasks, which are what says that a scan is ours
  const stillThere = await removeScannerScans(run, all);
  const policiesStillThere = await removeScopePolicies(run, all);
  await removeExpiredTasks(
    run,
    ended.filter(({ task_id }) => !stillThere.has(task_id) && !policiesStillThere.has(task_id)),
  );
  await removeDamagedTasks(run);
  return report;
}
