import { messageOf } from '@nmcp/types';
import { removeSecondScans } from '../own_scans.ts';
import type { HousekeepingRun } from './housekeeping_types.ts';

/**
 * Removes scans that came of a call which was not answered and made again, or which nobody waited for any longer: they carry
 * the mark of a task that follows another scan, or none.
 */
export async function removeLateScans(run: HousekeepingRun): Promise<void> {
  const { registry, tasks, clock, report, signal, dryRun } = run;
  const suspects = await tasks.list({ mayHaveSecondScan: true });
  if (suspects.length === 0) return;
  for (const { pool, instance_id, instance_key, enabled } of await registry.list()) {
    const here = suspects.filter(
      (task) => task.scanner_pool === pool && task.scanner_instance_id === instance_id,
    );
    if (here.length === 0 || !enabled || signal?.aborted) continue;
    try {
      await registry.ask(registry.requirePool(pool), instance_id, async (scanner) => {
        for (const task of here) {
          signal?.throwIfAborted();
          const removed = await removeSecondScans(scanner, task, { now: clock(), signal, dryRun });
          for (const nessus_scan_id of removed)
            report.scans.push({ scanner: instance_key, nessus_scan_id, task_id: task.task_id });
        }
      });
    } catch (error) {
      report.problems.push(`${instance_key}: ${messageOf(error)}`);
    }
  }
}
