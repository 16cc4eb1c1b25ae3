import { isNmcpError, messageOf } from '@nmcp/types';
import { Doubt, isOfProxy } from './doubt.ts';
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
  readonly context: { readonly retry: RetryPolicy; readonly wheel: TimerWheel; readonly goneMs: number };
  readonly signal: AbortSignal;
  readonly isTimeOver: boolean;
  waitsFor(said: string): Promise<void>;
  goesOn(): Promise<void>;
}

/** Longest wait that a scanner may ask for, in milliseconds. */
const MAX_ASKED_MS = 900_000;

/** Waits between tries, longer each time, or as long as the scanner asks; throws what went wrong when the task's time is over. */
export class Patience {
  readonly #run: Waiter;
  #waitMs: number;

  constructor(run: Waiter) {
    this.#run = run;
    this.#waitMs = run.context.retry.firstWaitMs;
  }

  async wait(error: unknown): Promise<void> {
    const { context, signal, isTimeOver } = this.#run;
    if (isTimeOver) throw error;
    await this.#run.waitsFor(messageOf(error));
    await context.wheel.sleep(askedWaitMs(error) ?? this.#waitMs, signal);
    this.#waitMs = Math.min(2 * this.#waitMs, context.retry.maxWaitMs);
  }
}

/** What a scanner asked for with Retry-After. */
function askedWaitMs(error: unknown): number | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('retryAfterMs' in cause && typeof cause.retryAfterMs === 'number')
      return Math.min(cause.retryAfterMs, MAX_ASKED_MS);
  return undefined;
}

/**
 * Runs an action again while the scanner cannot be reached, or a proxy answers for it, until the task's time is over. The last failure is thrown.
 *
 * @param options.doubts other failures are waited out too, until they count: see {@linkcode Doubt}. @default false
 */
export async function retryWhileUnreachable<T>(
  run: Waiter,
  action: () => Promise<T>,
  { doubts = false }: { doubts?: boolean | undefined } = {},
): Promise<T> {
  const patience = new Patience(run);
  const doubt = new Doubt(run.context.goneMs);
  while (true) {
    try {
      const answer = await action();
      await run.goesOn();
      return answer;
    } catch (error) {
      const isUnreachable = isNmcpError(error, 'scanner_unreachable') || isOfProxy(error);
      if (!isUnreachable && !(doubts && doubt.covers(error))) throw error;
      await patience.wait(error);
    }
  }
}
