import type { Logger } from '@nmcp/telemetry';
import { isNmcpError, messageOf } from '@nmcp/types';
import type { TimerWheel } from './timer_wheel.ts';

/** How patiently to try again. */
export interface RetryPolicy {
  /** Milliseconds before the second time; each wait is twice the one before. */
  firstWaitMs: number;
  /** Longest wait. */
  maxWaitMs: number;
}

/** Who waits. */
export interface Waiter {
  readonly context: { readonly retry: RetryPolicy; readonly wheel: TimerWheel };
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly isTimeOver: boolean;
}

/** Waits between tries, longer each time; throws what went wrong when the task's time is over. */
export class Patience {
  readonly #run: Waiter;
  #waitMs: number;

  constructor(run: Waiter) {
    this.#run = run;
    this.#waitMs = run.context.retry.firstWaitMs;
  }

  async wait(error: unknown): Promise<void> {
    const { context, log, signal, isTimeOver } = this.#run;
    if (isTimeOver) throw error;
    log.warn({ reason: messageOf(error), wait_ms: this.#waitMs }, 'waits for the scanner');
    await context.wheel.sleep(this.#waitMs, signal);
    this.#waitMs = Math.min(2 * this.#waitMs, context.retry.maxWaitMs);
  }
}

/** Runs an action again while the scanner cannot be reached, until the task's time is over. The last failure is thrown. */
export async function retryWhileUnreachable<T>(run: Waiter, action: () => Promise<T>): Promise<T> {
  const patience = new Patience(run);
  while (true) {
    try {
      return await action();
    } catch (error) {
      if (!isNmcpError(error, 'scanner_unreachable')) throw error;
      await patience.wait(error);
    }
  }
}
