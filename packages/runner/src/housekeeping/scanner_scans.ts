import { ScanOwners } from '@nmcp/tasks';
import { isFinal, messageOf, parseTime, type Scanner, type Task, type TaskId } from '@nmcp/types';
import { markerOf } from '../marker.ts';
import type { HousekeepingRun } from './housekeeping_types.ts';

/**
 * Deletes on their scanners the scans of tasks that ended a while ago. A number alone does not say whose a scan is, since a
 * scanner that was set up anew begins with 1: only one that carries the task's mark is deleted.
 *
 * @returns tasks whose scans should have gone, and are still there
 */
export async function removeScannerScans(
  run: HousekeepingRun,
  all: readonly Task[],
): Promise<ReadonlySet<TaskId>> {
  const { rules, registry, clock, report, signal } = run;
  const { scanRetentionMs } = rules;
  const kept = new Set<TaskId>();
  // nobody looks for a scan of some plugins there, and its policy cannot go before it
  const retentionOf = ({ payload }: Task): number =>
    payload.scope ? 0 : (scanRetentionMs ?? Number.POSITIVE_INFINITY);
  const inUse = new Set(all.filter(({ status }) => !isFinal(status)).map(scanKey));
  const due = all.filter(
    (task) =>
      isFinal(task.status) &&
      task.nessus_scan_id !== null &&
      !task.attached &&
      !inUse.has(scanKey(task)) &&
      clock() - parseTime(task.completed_at ?? task.created_at) > retentionOf(task),
  );
  for (const { pool, instance_id, instance_key, enabled } of await registry.list()) {
    const here = due.filter((task) => task.scanner_pool === pool && task.scanner_instance_id === instance_id);
    if (here.length === 0 || !enabled || signal?.aborted) continue;
    try {
      await registry.ask(registry.requirePool(pool), instance_id, (scanner, { url }) =>
        removeOn(scanner, { key: instance_key, url }, here, run),
      );
    } catch (error) {
      report.problems.push(`${instance_key}: ${messageOf(error)}`);
      for (const { task_id } of here) kept.add(task_id);
    }
  }
  return kept;
}

/** Milliseconds for which one look at the scanner's list serves: it says whether somebody has launched a scan again. */
const LIST_AGE_MS = 5000;

/** Several tasks can be about one scan: its own, and those that import it. */
function scanKey({ scanner_pool, scanner_instance_id, nessus_scan_id }: Task): string {
  return `${scanner_pool}:${scanner_instance_id}:${nessus_scan_id}`;
}

async function removeOn(
  scanner: Scanner,
  { key, url }: { key: string; url: string },
  due: readonly Task[],
  { tasks, dryRun = false, report, signal }: HousekeepingRun,
): Promise<void> {
  const there = new Set((await scanner.listScans({ signal })).map(({ scanId }) => scanId));
  for (const task of due) {
    const { nessus_scan_id: id, task_id } = task;
    if (id === null || !there.has(id)) continue;
    signal?.throwIfAborted();
    if (!(await scanner.hasMarker(id, markerOf(task), { signal }))) continue;
    const { phase, isNew } = await scanner.status(id, { signal, maxAgeMs: LIST_AGE_MS });
    // what is under way somebody has launched again
    if (!isNew && phase !== 'completed' && phase !== 'failed') continue;
    if (!dryRun) {
      await scanner.delete(id, { signal });
      await new ScanOwners(tasks.dataDir).forget(url, id);
    }
    report.scans.push({ scanner: key, nessus_scan_id: id, task_id });
  }
}
