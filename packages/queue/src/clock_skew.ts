import { type Clock, NmcpError } from '@nmcp/types';
import type { TaskQueue } from './task_queue.ts';

/**
 * Milliseconds by which a machine's clock may differ from the store's. Leases do not depend on it; the times of tasks, scan
 * windows and what the housekeeping removes do.
 */
export const MAX_CLOCK_SKEW_MS = 60_000;

/** Milliseconds by which this machine's clock is ahead of the store's. @throws {NmcpError} `unavailable` */
export async function clockSkew(queue: Pick<TaskQueue, 'now'>, clock: Clock): Promise<number> {
  const store = await queue.now();
  return clock() - store;
}

/** @throws {NmcpError} `unavailable` when the clocks differ by more than {@linkcode MAX_CLOCK_SKEW_MS} */
export async function requireAgreeingClock(queue: Pick<TaskQueue, 'now'>, clock: Clock): Promise<void> {
  const skewMs = await clockSkew(queue, clock);
  if (Math.abs(skewMs) <= MAX_CLOCK_SKEW_MS) return;
  throw new NmcpError(
    'unavailable',
    `This machine's clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the queue's, and at most ${MAX_CLOCK_SKEW_MS / 1000} s are tolerated: set both with NTP`,
    { title: 'Clock is wrong' },
  );
}
