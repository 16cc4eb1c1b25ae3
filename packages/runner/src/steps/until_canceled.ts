import { isNmcpError } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';

/** Milliseconds between two looks whether somebody has canceled. */
const LOOK_MS = 500;

/**
 * Does something long that a cancellation ends at once.
 *
 * @param action is to end with its signal
 * @throws {NmcpError} `canceled`, or what the action throws
 */
export async function untilCanceled<T>(
  run: ScanRun,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [done, canceled] = [new AbortController(), new AbortController()];
  const watching = watch(run, done.signal).catch((reason: unknown) => {
    if (!done.signal.aborted) canceled.abort(reason);
  });
  try {
    return await action(AbortSignal.any([run.signal, canceled.signal]));
  } catch (error) {
    run.signal.throwIfAborted();
    canceled.signal.throwIfAborted();
    throw error;
  } finally {
    done.abort();
    await watching;
  }
}

async function watch(run: ScanRun, done: AbortSignal): Promise<void> {
  while (true) {
    await run.context.wheel.sleep(LOOK_MS, done);
    try {
      await run.throwIfCanceled();
    } catch (error) {
      if (isNmcpError(error, 'canceled')) throw error; // whatever else it is will be said by who works on the task
    }
  }
}
