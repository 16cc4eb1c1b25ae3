import { setTimeout as delay } from 'node:timers/promises';
import { isNmcpError } from '@nmcp/types';

/** Waits, or throws the signal's reason as soon as it aborts. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await delay(ms, undefined, { signal, ref: true }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}

/** How often and how patiently to try again. */
export interface RetryPolicy {
  /** Times in all. */
  tries: number;
  /** Milliseconds before the second time; each wait is twice the one before. */
  firstWaitMs: number;
}

/** Runs an action again while the scanner cannot be reached. The last failure is thrown. */
export async function whileUnreachable<T>(
  policy: RetryPolicy,
  signal: AbortSignal,
  action: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (!isNmcpError(error, 'scanner_unreachable') || attempt >= policy.tries) throw error;
      await sleep(policy.firstWaitMs * 2 ** (attempt - 1), signal);
    }
  }
}
