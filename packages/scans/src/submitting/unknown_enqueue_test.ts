import { NmcpError } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { callerOf, type Stage, stage } from '../scans_test_stage.ts';

const alice = callerOf('alice', 'scan');
const away = new NmcpError('unavailable', 'Redis is away');

/** Lets the queue's next enqueue fail, before or after it has its effect. */
function loseNextEnqueue({ services }: Stage, when: 'before' | 'after'): void {
  const { queue } = services;
  const enqueue = queue.enqueue.bind(queue);
  queue.enqueue = async (entry, options) => {
    queue.enqueue = enqueue;
    if (when === 'after') await enqueue(entry, options);
    throw away;
  };
}

describe('when the queue does not say whether it has a task', () => {
  test.each(['before', 'after'] as const)('which was lost %s the effect, the task stays', async (when) => {
    await using s = await stage();
    loseNextEnqueue(s, when);
    const { task, ...rest } = await s.submit(alice);
    expect(rest).toMatchObject({ outcome: 'queued', queue_position: null });
    expect(await s.services.tasks.read(task.task_id)).toMatchObject({ status: 'queued' });
    expect(await s.services.queue.depth(task.scanner_pool)).toBe(when === 'after' ? 1 : 0);
  });

  test.each(['before', 'after'] as const)(
    'which was lost %s the effect, a repeat with its key answers the task, and makes no other',
    async (when) => {
      await using s = await stage();
      loseNextEnqueue(s, when);
      const first = await s.submit(alice, { idempotency_key: 'k' });
      const again = await s.submit(alice, { idempotency_key: 'k' });
      expect(again).toMatchObject({ outcome: 'repeat', task: { task_id: first.task.task_id } });
      await expect(s.submit(alice, { idempotency_key: 'k', name: 'other' })).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await s.services.tasks.list()).toHaveLength(1);
    },
  );

  test('and is known to be away, nothing is accepted', async () => {
    await using s = await stage();
    s.services.queue.ping = async () => {
      throw away;
    };
    await expect(s.submit(alice)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await s.services.tasks.list()).toEqual([]);
  });
});

test('a key is good for another scan after 48 hours, and not before, also over a wiped queue', async () => {
  let now = Date.UTC(2026, 0, 1, 12);
  await using s = await stage({ clock: () => now });
  const first = await s.submit(alice, { idempotency_key: 'k' });
  s.services.queue.lookUp = async () => undefined; // what a wiped store remembers
  now += 47 * 3_600_000;
  expect(await s.submit(alice, { idempotency_key: 'k' })).toMatchObject({
    outcome: 'repeat',
    task: { task_id: first.task.task_id },
  });
  now += 2 * 3_600_000;
  s.services.queue.enqueue = async () => ({ kind: 'enqueued', depth: 1 });
  const second = await s.submit(alice, { idempotency_key: 'k' });
  expect(second.outcome).toBe('queued');
  expect(second.task.task_id).not.toBe(first.task.task_id);
});
