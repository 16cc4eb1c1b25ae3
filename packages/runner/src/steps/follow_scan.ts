import type { AcquiredScanner } from '@nmcp/registry';
import { isNmcpError, NmcpError, type ScannerScanStatus, type Task } from '@nmcp/types';
import { Doubt, isGone } from '../doubt.ts';
import type { ScanRun } from '../scan_run.ts';

/** How a scan ended. */
export type ScanEnd = { readonly how: 'completed' } | UnfinishedEnd;

/** The end of a scan that was not done. */
export type UnfinishedEnd =
  | { readonly how: 'timeout' }
  /** Stopped or aborted on the scanner; the scanner's word. */
  | { readonly how: 'failed'; readonly word: string };

/**
 * Watches the scan until it has ended, or stops it when it is canceled or over the time limit. While it runs, only two things
 * end it here: the scanner says again and again that it is gone, or its time is over. All else is waited out, and shown.
 */
export async function followScan(
  run: ScanRun,
  scanId: number,
  task: Task,
  { scanner }: AcquiredScanner,
): Promise<ScanEnd> {
  const { poll, wheel, goneMs } = run.context;
  const begun = performance.now();
  const doubt = new Doubt(goneMs);
  let runId = task.nessus_history_id;
  let progress = task.progress ?? -1;
  let wait = poll.minMs;
  while (true) {
    const options = { signal: run.signal, maxAgeMs: wait / 2, runId };
    const status = await look(run, doubt, () => scanner.status(scanId, options));
    if (status) {
      if (status.phase === 'completed') return { how: 'completed' };
      if (status.phase === 'failed') return { how: 'failed', word: status.word };
      runId ??= await noteRun(run, task, status);
      if (status.progress > progress) await forgiveAttempts(run);
      if (status.progress !== progress) await run.goesOn({ progress: status.progress });
      progress = status.progress;
      if (!status.isKnown)
        await run.waitsFor(`The scanner calls its state ${JSON.stringify(status.word.slice(0, 40))}`);
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
      return { how: 'timeout' };
    }
    wait = Math.min(poll.maxMs, Math.max(poll.minMs, (performance.now() - begun) / 8)); // sooner at the start
    await wheel.sleep(wait, run.signal);
  }
}

/** @returns undefined when the answer says nothing of the scan */
async function look(
  run: ScanRun,
  doubt: Doubt,
  ask: () => Promise<ScannerScanStatus>,
): Promise<ScannerScanStatus | undefined> {
  try {
    const status = await ask();
    doubt.settle();
    if (status.isKnown) await run.goesOn();
    return status;
  } catch (error) {
    run.signal.throwIfAborted();
    if (!isNmcpError(error)) throw error;
    if (!doubt.covers(error))
      throw isGone(error)
        ? new NmcpError(
            'scanner_error',
            `The scan was deleted on the scanner, or may no longer be seen: ${error.message}`,
            { cause: error },
          )
        : error;
    await run.waitsFor(error.message);
    return undefined;
  }
}

/** The run that is ours: the first of a scan that we made, the last of one that somebody else has started. */
async function noteRun(
  run: ScanRun,
  { attached }: Task,
  { runs }: ScannerScanStatus,
): Promise<number | undefined> {
  const runId = attached ? runs.at(-1) : runs[0];
  if (runId === undefined) return undefined;
  await run.change((before) => ({ ...before, nessus_history_id: runId }));
  return runId;
}

/** A task that gets further is none that ends its workers. */
async function forgiveAttempts(run: ScanRun): Promise<void> {
  const { length } = run.claim.attempts;
  if (length === 0) return;
  await run.change((before) =>
    (before.attempts_forgiven ?? 0) >= length ? before : { ...before, attempts_forgiven: length },
  );
}
