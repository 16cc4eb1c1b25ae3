import { isDatabaseAway } from '@nmcp/database/errors';
import { isNmcpError } from '@nmcp/types';
import type { ScanRun } from './scan_run.ts';

/**
 * A full or read-only disk, or a database that is away, ends no task: its scan is on the scanner, and the one will be mended and
 * the other come back.
 */
export async function retryWhileUnwritable(
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
      const mayPass = isNmcpError(error, 'storage') || isDatabaseAway(error);
      if (!mayPass || performance.now() > giveUpAt) throw error;
      log.error({ reason: error.message }, 'nothing can be written; the task waits until it can');
    }
    await wheel.sleep(diskWaitMs, signal);
  }
}
