import { isNmcpError } from '@nmcp/types';
import type { ScanRun } from './scan_run.ts';

/** A full or read-only disk ends no task: its scan is on the scanner, and the disk will be mended. */
export async function retryWhileDiskUnwritable(
  { context, log, signal }: Pick<ScanRun, 'context' | 'log' | 'signal'>,
  action: () => Promise<void>,
): Promise<void> {
  const { wheel, diskWaitMs, scanTimeoutMs } = context;
  const giveUpAt = performance.now() + scanTimeoutMs;
  while (true) {
    try {
      return await action();
    } catch (error) {
      // whatever it is: the scan is on the scanner, and a disk that failed once may not fail twice
      if (!isNmcpError(error, 'storage') || performance.now() > giveUpAt) throw error;
      log.error({ reason: error.message }, 'the disk takes no writes; the task waits for it');
    }
    await wheel.sleep(diskWaitMs, signal);
  }
}
