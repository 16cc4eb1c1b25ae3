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
  await endStaleTasks(run);
  await removeLateScans(run);
  // before the tasks, which are what says that a scan and a policy are ours
  const stillThere = [...(await removeScannerScans(run)), ...(await removeScopePolicies(run))];
  await removeExpiredTasks(run, new Set(stillThere));
  await removeDamagedTasks(run);
  return report;
}
