import { FINAL_STATES, OPEN_STATES, type TaskFilter } from '@nmcp/tasks';
import { messageOf, type Scanner, type TaskId } from '@nmcp/types';
import { markerOf } from '../marker.ts';
import type { HousekeepingRun } from './housekeeping_types.ts';

/**
 * Deletes on their scanners the scans of tasks that ended a while ago. A number alone does not say whose a scan is, since a
 * scanner that was set up anew begins with 1: only one that carries the task's mark is deleted.
 *
 * @returns tasks whose scans should have gone, and are still there
 */
export async function removeScannerScans(run: HousekeepingRun): Promise<ReadonlySet<TaskId>> {
  const { registry, tasks, report, signal } = run;
  const kept = new Set<TaskId>();
  for (const { pool, instance_id: instance, instance_key, enabled } of await registry.list()) {
    if (!enabled || signal?.aborted) continue;
    const due = dueOf(run).map((filter) => ({ ...filter, pool, instance }));
    const numbers = await Promise.all(due.map((filter) => tasks.scanNumbers(filter)));
    if (numbers.flat().length === 0) continue;
    try {
      await registry.ask(registry.requirePool(pool), instance, (scanner, { url }) =>
        removeOn(scanner, { key: instance_key, url, pool, instance }, due, run),
      );
    } catch (error) {
      report.problems.push(`${instance_key}: ${messageOf(error)}`);
      for (const filter of due) for (const id of await tasks.ids(filter)) kept.add(id);
    }
  }
  return kept;
}

/** Tasks whose scans have been on their scanners for long enough. */
function dueOf({ rules: { scanRetentionMs }, clock }: HousekeepingRun): TaskFilter[] {
  const ended: TaskFilter = { status: FINAL_STATES, isOwnScan: true };
  return [
    // nobody looks for a scan of some plugins there, and its policy cannot go before it
    { ...ended, hasScope: true, endedBefore: clock() },
    ...(scanRetentionMs === undefined ? [] : [{ ...ended, endedBefore: clock() - scanRetentionMs }]),
  ];
}

/** Milliseconds for which one look at the scanner's list serves: it says whether somebody has launched a scan again. */
const LIST_AGE_MS = 5000;

async function removeOn(
  scanner: Scanner,
  { key, url, pool, instance }: { key: string; url: string; pool: string; instance: string },
  due: readonly TaskFilter[],
  { tasks, dryRun = false, report, signal }: HousekeepingRun,
): Promise<void> {
  const there = (await scanner.listScans({ signal })).map(({ scanId }) => scanId);
  // several tasks can be about one scan: its own, and those that import it
  const open = await tasks.scanNumbers({ pool, instance, status: OPEN_STATES });
  const inUse = new Set(open.map(({ nessus_scan_id }) => nessus_scan_id));
  const scanNumbers = there.filter((id) => !inUse.has(id));
  const listed = await Promise.all(due.map((filter) => tasks.list({ ...filter, scanNumbers })));
  for (const task of new Map(listed.flat().map((each) => [each.task_id, each])).values()) {
    const { nessus_scan_id: id, task_id } = task;
    if (id === null) continue;
    signal?.throwIfAborted();
    if (!(await scanner.hasMarker(id, markerOf(task), { signal }))) continue;
    const { phase, isNew } = await scanner.status(id, { signal, maxAgeMs: LIST_AGE_MS });
    // what is under way somebody has launched again
    if (!isNew && phase !== 'completed' && phase !== 'failed') continue;
    if (!dryRun) {
      await scanner.delete(id, { signal });
      await tasks.owners.forget(url, id);
    }
    report.scans.push({ scanner: key, nessus_scan_id: id, task_id });
  }
}
