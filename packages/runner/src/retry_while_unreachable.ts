import { isNmcpError } from '@nmcp/types';
import type { TimerWheel } from './timer_wheel.ts';

/** How often and how patiently to try again. */
export interface RetryPolicy {
  /** Times in all. */
  tries: number;
  /** Milliseconds before the second time; each wait is twice the one before. */
  firstWaitMs: number;
}

/** Runs an action again while the scanner cannot be reached. The last failure is thrown. */
export async function retryWhileUnreachable<T>(
  policy: RetryPolicy,
  wheel: TimerWheel,
  signal: AbortSignal,
  action: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (!isNmcpError(error, 'scanner_unreachable') || attempt >= policy.tries) throw error;
      await wheel.sleep(policy.firstWaitMs * 2 ** (attempt - 1), signal);
    }
  }
}
