import type { AcquiredScanner } from '@nmcp/registry';
import { CANCELED_MESSAGE } from '@nmcp/tasks';
import { isNmcpError, NmcpError, type Scanner, type ScannerCallOptions, type Task } from '@nmcp/types';
import { findOwnScans } from '../own_scans.ts';
import type { ScanRun } from '../scan_run.ts';

/** A task that was canceled while nobody held it may have a scan on the scanner already. */
export async function stopIfCanceled(run: ScanRun, task: Task, { scanner }: AcquiredScanner): Promise<void> {
  if (!task.cancel) return;
  const options = { signal: run.signal };
  await run.retrying(async () => {
    if (task.attached) return;
    const scanIds =
      task.nessus_scan_id === null
        ? await findOwnScans(scanner, task, { ...options, now: run.context.clock() })
        : [task.nessus_scan_id];
    for (const scanId of scanIds) await end(scanner, scanId, options);
  });
  throw canceled();
}

/** A worker that was killed may have removed it, and not have said so. */
async function end(scanner: Scanner, scanId: number, options: ScannerCallOptions): Promise<void> {
  await unlessGone(async () => {
    const { isNew } = await scanner.describeScan(scanId, options);
    // one that was never launched holds nothing that anybody could want
    await (isNew ? scanner.delete(scanId, options) : scanner.stop(scanId, options));
  });
}

/** Removes a scan that was not launched; it may be gone by an attempt whose answer was lost. */
export async function removeUnlaunched(
  scanner: Scanner,
  scanId: number,
  options: ScannerCallOptions,
): Promise<void> {
  await unlessGone(() => scanner.delete(scanId, options));
}

async function unlessGone(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isNmcpError(error, 'not_found')) throw error;
  }
}

/** What ends a run whose task was canceled. */
export function canceled(): NmcpError {
  return new NmcpError('canceled', CANCELED_MESSAGE);
}
