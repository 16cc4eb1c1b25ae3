import type { Claim, TaskQueue } from '@nmcp/queue';
import { DEFAULT_POOL, NmcpError, newTaskId } from '@nmcp/types';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LeaseKeeper } from './lease_keeper.ts';
import { TimerWheel } from './timer_wheel.ts';

const LEASE = 3000;

function keeper(renew: () => Promise<boolean>, askedAt = performance.now()): LeaseKeeper {
  const claim = {
    entry: { task_id: newTaskId('nessus') },
    pool: DEFAULT_POOL,
    fence: 1,
    attempts: [],
    consumer: 'w',
    askedAt,
  } as unknown as Claim; // the parts that are looked at
  const queue = { renew } as unknown as TaskQueue; // the one call that is made
  return new LeaseKeeper({ queue, claim, wheel: new TimerWheel(), leaseMs: LEASE, onFailure: () => {} });
}

describe('a lease', () => {
  afterEach(() => void vi.useRealTimers());

  test('ends here by itself, a tenth before it does in the store, and counts from when it was asked for', () => {
    using held = keeper(async () => true, performance.now() - 0.8 * LEASE);
    held.requireHeld();
    using ended = keeper(async () => true, performance.now() - 0.95 * LEASE);
    expect(() => ended.requireHeld()).toThrow(/has ended/);
    expect(ended.lost.aborted).toBe(true);
  });

  test('is over after a sleep of the machine, which the monotonic clock does not count', () => {
    using k = keeper(async () => true);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    expect(() => k.requireHeld()).toThrow(NmcpError);
  });

  test('lives on when the clock is set back', () => {
    using k = keeper(async () => true);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    k.requireHeld();
    expect(k.lost.aborted).toBe(false);
  });
});
