import type { AcquiredScanner } from '@nmcp/registry';
import { isNmcpError, NmcpError, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';

/** Watches the scan until it is done, or stops it when it is canceled or over the time limit. */
export async function followScan(
  run: ScanRun,
  scanId: number,
  task: Task,
  { scanner }: AcquiredScanner,
): Promise<'completed' | 'timeout'> {
  const { poll, wheel } = run.context;
  const begun = performance.now();
  let progress = task.progress ?? -1;
  while (true) {
    const status = await ifReachable(run, scanner.status(scanId, { signal: run.signal }));
    if (status?.phase === 'completed') return 'completed';
    if (status?.phase === 'failed') {
      throw new NmcpError(
        'scanner_error',
        `The scan ended on the scanner without finishing: its status is ${status.word}`,
      );
    }
    if (status && status.progress !== progress) {
      if (status.progress > progress) await forgiveAttempts(run);
      progress = status.progress;
      await run.context.tasks.noteProgress(run.id, run.claim.fence, progress);
    }
    const stop = async (): Promise<void> => {
      if (!task.attached) await run.retrying(() => scanner.stop(scanId, { signal: run.signal }));
    };
    try {
      await run.throwIfCanceled();
    } catch (error) {
      if (isNmcpError(error, 'canceled')) await stop();
      throw error;
    }
    if (run.isTimeOver) {
      await stop();
      return 'timeout';
    }
    const wait = Math.min(poll.maxMs, Math.max(poll.minMs, (performance.now() - begun) / 8)); // sooner at the start
    await wheel.sleep(wait, run.signal);
  }
}

/** A task that gets further is none that ends its workers. */
async function forgiveAttempts(run: ScanRun): Promise<void> {
  const { length } = run.claim.attempts;
  if (length === 0) return;
  await run.change((before) =>
    (before.attempts_forgiven ?? 0) >= length ? before : { ...before, attempts_forgiven: length },
  );
}

/** A scanner that does not answer for a while does not end a scan that runs on it; the time limit does. */
async function ifReachable<T>({ log }: ScanRun, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNmcpError(error, 'not_found'))
      throw new NmcpError('scanner_error', 'The scan was deleted on the scanner', { cause: error });
    if (!isNmcpError(error, 'scanner_unreachable')) throw error;
    log.warn({ reason: error.message }, 'scanner did not answer');
    return undefined;
  }
}
