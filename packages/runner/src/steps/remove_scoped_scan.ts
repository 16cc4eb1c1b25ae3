import type { AcquiredScanner } from '@nmcp/registry';
import { messageOf, type Task } from '@nmcp/types';
import { removeOwnPolicies } from '../own_scans.ts';
import type { ScanRun } from '../scan_run.ts';

/**
 * Removes the scan of some plugins, whose results are stored, and the policy that was made for it. What is cut off or refused
 * here is done by the housekeeping, by the mark of the task.
 */
export async function removeScopedScan(
  run: ScanRun,
  scanId: number,
  task: Task,
  { scanner, config }: AcquiredScanner,
): Promise<void> {
  if (!task.payload.scope || task.attached) return;
  const options = { signal: run.signal };
  try {
    run.requireHeld();
    if (await scanner.hasMarker(scanId, run.marker, options)) {
      await scanner.delete(scanId, options);
      await run.context.tasks.owners.forget(config.url, scanId);
    }
    run.requireHeld();
    await removeOwnPolicies(scanner, task, options);
  } catch (error) {
    run.log.info({ reason: messageOf(error) }, 'the policy of the scan is removed later');
  }
}
