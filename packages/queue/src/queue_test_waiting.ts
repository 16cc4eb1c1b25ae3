import type { PoolName } from '@nmcp/types';
import { expect } from 'vitest';
import { LEASE, type QueueTest } from './queue_test_fixtures.ts';

/** A consumer that waits for a task. */
export function describeWaiting(test: QueueTest): void {
  test('serves pools in turn', async ({ t, pool, entry, claim }) => {
    const other = `${pool}_b` as PoolName; // still of the pattern
    for (const p of [pool, pool, pool, other, other]) await t.queue.enqueue(entry(p));
    const order: string[] = [];
    for (let i = 0; i < 4; i++) order.push((await claim(pool, other))?.pool ?? '');
    expect(order.filter((p) => p === other)).toHaveLength(2);
  });

  test('wakes a waiting consumer', async ({ t, pool, entry }) => {
    const waiting = t.queue.claim([pool], { consumer: 'w1', leaseMs: LEASE, waitMs: 20_000 });
    await t.queue.depth(pool);
    const e = entry();
    await t.queue.enqueue(e);
    expect((await waiting)?.entry.task_id).toBe(e.task_id);
  });

  test('stops waiting when told to', async ({ t, pool }) => {
    const controller = new AbortController();
    const waiting = t.queue.claim([pool], {
      consumer: 'w1',
      leaseMs: LEASE,
      waitMs: 60_000,
      signal: controller.signal,
    });
    controller.abort();
    expect(await waiting).toBeUndefined();
  });

  test('finds what another producer pushed', async ({ t, pool, entry }) => {
    const e = entry();
    const waiting = t.queue.claim([pool], { consumer: 'w1', leaseMs: LEASE, waitMs: 20_000 });
    await t.pushRaw(pool, JSON.stringify(e));
    expect((await waiting)?.entry).toEqual(e);
  });
}
