import { newTraceId } from '@nmcp/types';
import { expect } from 'vitest';
import type { QueueTest } from './queue_test_fixtures.ts';

/** One task for one idempotency key. */
export function describeSubmissions(test: QueueTest): void {
  test('finds the first submission by its idempotency key', async ({ t, pool, entry }) => {
    const e = entry();
    const idempotency = { key: `k-${e.task_id}`, requestHash: 'a'.repeat(64) };
    expect(await t.queue.lookUp(idempotency)).toBeUndefined();
    expect(await t.queue.enqueue(e, { idempotency })).toMatchObject({ kind: 'enqueued' });
    expect(await t.queue.enqueue(entry(), { idempotency })).toEqual({
      kind: 'duplicate',
      taskId: e.task_id,
    });
    const other = { ...idempotency, requestHash: 'b'.repeat(64) };
    expect(await t.queue.enqueue(entry(), { idempotency: other })).toEqual({
      kind: 'conflict',
      taskId: e.task_id,
    });
    expect(await t.queue.lookUp(idempotency)).toEqual({ kind: 'duplicate', taskId: e.task_id });
    expect(await t.queue.depth(pool)).toBe(1);
  });

  test('remembers a key for a task that is not enqueued yet', async ({ t, pool, entry }) => {
    const [a, b] = [entry(), entry()];
    const idempotency = { key: `${pool}-later`, requestHash: 'h' };
    expect(await t.queue.remember(idempotency, a.task_id)).toBeUndefined();
    expect(await t.queue.remember(idempotency, b.task_id)).toEqual({
      kind: 'duplicate',
      taskId: a.task_id,
    });
    expect(await t.queue.enqueue(b, { idempotency: { ...idempotency, requestHash: 'other' } })).toEqual({
      kind: 'conflict',
      taskId: a.task_id,
    });
    expect(await t.queue.depth(pool)).toBe(0);
  });

  test('lets only one of many concurrent submissions with one key through', async ({ t, pool, entry }) => {
    const idempotency = { key: `k-${newTraceId()}`, requestHash: 'a'.repeat(64) };
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => t.queue.enqueue(entry(), { idempotency })),
    );
    expect(outcomes.filter((o) => o.kind === 'enqueued')).toHaveLength(1);
    expect(await t.queue.depth(pool)).toBe(1);
  });
}
