import { isPassingStorageError } from '@nmcp/files';
import { isFinal, isNmcpError, messageOf } from '@nmcp/types';
import type { ScanRun } from './scan_run.ts';
import { failTask } from './steps/finish_task.ts';

/**
 * Settles the claim of a run that threw: another worker has it, or it is given back, or the task has failed and its claim
 * goes to the dead letters.
 */
export async function settleFailure(run: ScanRun, error: unknown): Promise<void> {
  const { claim, log } = run;
  const { queue } = run.context;
  if (run.lost.aborted || isNmcpError(error, 'stale_lease')) {
    log.warn('the lease was lost; another worker goes on');
    await excuse(run);
    return;
  }
  // not lost, so an aborted signal says that the process stops
  if (run.stopping.aborted || isNmcpError(error, 'unavailable')) {
    log.info('task given back');
    await queue.giveBack(claim);
    return;
  }
  const task = await run.context.tasks.read(run.id).catch(() => undefined);
  if (task && isFinal(task.status)) {
    // a person or the housekeeping has ended it, or an earlier holder had done so
    log.info({ status: task.status }, 'the task had ended');
    await queue.complete(claim);
    return;
  }
  log.warn({ err: error }, 'task failed');
  await failTask(run, error).catch((failure: unknown) => {
    // a later holder has it, or the disk will take it at the next try
    if (isNmcpError(failure, 'stale_lease') || isPassingStorageError(failure)) throw failure;
    if (!isNmcpError(failure, 'not_found'))
      log.error(
        { reason: messageOf(failure) },
        'task.json cannot be written; the dead letter has the reason',
      );
  });
  if (isNmcpError(error, 'canceled')) await queue.complete(claim);
  else await queue.fail(claim, messageOf(error));
}

/** Longest wait between two tries to reach the store, in milliseconds. */
const EXCUSE_WAIT_MS = 5000;

/** A worker that lost a lease and lives to say so is none that the task has ended; while the store is away, it says so later. */
async function excuse({ claim, context, log, stopping }: ScanRun): Promise<void> {
  const { queue, wheel, slotWaitMs } = context;
  for (let waitMs = slotWaitMs; ; waitMs = Math.min(2 * waitMs, EXCUSE_WAIT_MS)) {
    try {
      await queue.excuse(claim);
      return;
    } catch (error) {
      log.warn(
        { reason: messageOf(error) },
        'the store is away, and does not hear that this worker is there',
      );
      if (stopping.aborted) return;
    }
    await wheel.sleep(waitMs, stopping).catch(() => {});
  }
}
