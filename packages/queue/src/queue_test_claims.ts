import { expect } from 'vitest';
import { LEASE, type QueueTest } from './queue_test_fixtures.ts';
import type { Claim } from './task_queue.ts';

/** Who holds a task, and for how long. */
export function describeClaims(test: QueueTest): void {
  test('hands tasks out in the order in which they came', async ({ t, pool, enqueue, claim, claimed }) => {
    const ids = await enqueue(3);
    expect(await t.queue.depth(pool)).toBe(3);
    expect((await t.queue.peek(pool, 2)).map((e) => e.task_id)).toEqual(ids.slice(0, 2));
    expect([await claimed(), await claimed(), await claimed()].map((c) => c.entry.task_id)).toEqual(ids);
    expect(await claim()).toBeUndefined();
    expect(await t.queue.inFlight(pool)).toBe(3);
  });

  test('says how many wait', async ({ t, entry, enqueue }) => {
    await enqueue(1);
    expect(await t.queue.enqueue(entry())).toEqual({ kind: 'enqueued', depth: 2 });
  });

  test('forgets a completed task', async ({ t, pool, enqueue, claimed }) => {
    const [id] = await enqueue(1);
    const c = await claimed();
    expect(id && (await t.queue.has(pool, id))).toBe(true);
    expect(await t.queue.complete(c)).toBe(true);
    expect(await t.queue.complete(c)).toBe(false);
    expect(await t.queue.inFlight(pool)).toBe(0);
    expect(id && (await t.queue.has(pool, id))).toBe(false);
  });

  test('puts a task whose lease ran out back in front, with a higher fence', async ({
    t,
    enqueue,
    claimed,
  }) => {
    const [first] = await enqueue(2);
    const stale = await claimed();
    t.advance(LEASE + 1);
    const again = await claimed();
    expect(again.entry.task_id).toBe(first);
    expect(again.fence).toBeGreaterThan(stale.fence);
    expect(again.attempts).toEqual([
      { consumer: 'w1', fence: stale.fence, ended_at: expect.any(String), error: 'The lease ran out' },
    ]);
    expect(await t.queue.renew(stale, LEASE)).toBe(false);
    expect(await t.queue.complete(stale)).toBe(false);
    expect(await t.queue.fail(stale, 'late')).toBe(false);
    expect(await t.queue.giveBack(stale)).toBe(false);
    expect(await t.queue.complete(again)).toBe(true);
  });

  test('takes back an attempt whose consumer is alive, before and after its lease ran out', async ({
    t,
    pool,
    enqueue,
    claimed,
  }) => {
    const [id] = await enqueue(1);
    const gone = await claimed();
    t.advance(LEASE + 1);
    const asleep = await claimed();
    t.advance(LEASE + 1);
    const third = await claimed();
    expect(third.attempts.map(({ fence }) => fence)).toEqual([gone.fence, asleep.fence]);
    await t.queue.excuse(asleep);
    await t.queue.excuse(asleep);
    // one that still holds is given back
    await t.queue.excuse(third);
    expect(await t.queue.depth(pool)).toBe(1);
    const last = await claimed();
    expect([last.entry.task_id, last.attempts.map(({ fence }) => fence)]).toEqual([id, [gone.fence]]);
    await t.queue.complete(last);
  });

  test('takes a waiting task out, and leaves a claimed one', async ({ t, pool, enqueue, claimed }) => {
    const [first, second, third] = await enqueue(3);
    if (!first || !second || !third) throw new Error('nothing was enqueued');
    expect(await t.queue.remove(pool, second)).toBe(true);
    expect(await t.queue.remove(pool, second)).toBe(false);
    expect(await t.queue.depth(pool)).toBe(2);
    const running = await claimed();
    expect(await t.queue.remove(pool, first)).toBe(false);
    expect(await t.queue.taskIds(pool)).toEqual(new Set([first, third]));
    expect(await t.queue.complete(running)).toBe(true);
    expect((await claimed()).entry.task_id).toBe(third);
  });

  test('gives a lease and a slot back although the clock was set back an hour', async ({
    t,
    pool,
    enqueue,
    claim,
    claimed,
  }) => {
    const [id] = await enqueue(1);
    await claimed();
    await t.queue.slots.acquire(pool, 'gone', 1, LEASE);
    t.advance(-3_600_000);
    expect(await claim()).toBeUndefined();
    expect(await t.queue.slots.acquire(pool, 'next', 1, LEASE)).toBe(false);
    t.advance(LEASE + 1);
    expect(await t.queue.slots.acquire(pool, 'next', 1, LEASE)).toBe(true);
    const again = await claimed();
    expect(again.entry.task_id).toBe(id);
    expect(await t.queue.complete(again)).toBe(true);
  });

  test('replaces the entry of a claim, also for whoever takes it next', async ({ t, entry, claimed }) => {
    const e = { ...entry(), payload: { credentials: { password: 'planted' } } };
    await t.queue.enqueue(e);
    const first = await claimed();
    const clean = { ...e, payload: {} };
    expect(await t.queue.rewrite(first, clean)).toBe(true);
    t.advance(LEASE + 1);
    const again = await claimed();
    expect(again.entry).toEqual(clean);
    expect(await t.queue.rewrite(first, e)).toBe(false);
  });

  test('says who holds a task, as long as somebody does', async ({ t, pool, enqueue, claimed }) => {
    const [id] = await enqueue(1);
    if (!id) throw new Error('nothing was enqueued');
    expect(await t.queue.holder(pool, id)).toBeUndefined();
    const held = await claimed();
    expect(await t.queue.holder(pool, id)).toBe('w1');
    t.advance(LEASE + 1);
    expect(await t.queue.holder(pool, id)).toBeUndefined();
    await t.queue.renew(held, LEASE);
    expect(await t.queue.holder(pool, id)).toBe('w1');
    await t.queue.complete(held);
    expect(await t.queue.holder(pool, id)).toBeUndefined();
  });

  test('keeps a renewed lease', async ({ t, enqueue, claim, claimed }) => {
    await enqueue(1);
    const c = await claimed();
    t.advance(LEASE - 10);
    expect(await t.queue.renew(c, LEASE)).toBe(true);
    t.advance(LEASE - 10);
    expect(await claim()).toBeUndefined();
    expect(await t.queue.complete(c)).toBe(true);
  });

  test('gives a task back to the front without counting the attempt', async ({ t, enqueue, claimed }) => {
    const [first] = await enqueue(2);
    expect(await t.queue.giveBack(await claimed())).toBe(true);
    const again = await claimed();
    expect(again.entry.task_id).toBe(first);
    expect(again.attempts).toEqual([]);
  });

  test('many consumers at once each get a task of their own, with its attempts, and end it', async ({
    t,
    pool,
    entry,
    enqueue,
    claimed,
  }) => {
    const ids = await enqueue(40);
    await claimed();
    t.advance(LEASE + 1); // the first has an attempt behind it now
    await t.pushRaw(pool, JSON.stringify(entry()).slice(0, -20));
    const consumers = Array.from({ length: 50 }, (_, i) => `w${i}`);
    const claimAll = (): Promise<(Claim | undefined)[]> =>
      Promise.all(consumers.map((consumer) => t.queue.claim([pool], { consumer, leaseMs: LEASE })));
    const taken = await claimAll();
    const claims = taken.filter((c) => c !== undefined);
    expect(claims.map((c) => c.entry.task_id).sort()).toEqual([...ids].sort());
    expect(claims.filter((c) => c.attempts.length > 0).map((c) => c.entry.task_id)).toEqual([ids[0]]);
    expect(taken.every((c, i) => c === undefined || c.consumer === consumers[i])).toBe(true);
    expect(await t.queue.deadLetterCount(pool)).toBe(1);
    const [stale, ...held] = claims;
    if (!stale) throw new Error('nothing was claimed');
    const older = { ...stale, fence: stale.fence - 1 };
    const [ended, next] = await Promise.all([
      Promise.all([older, ...held, ...held].map((c) => t.queue.complete(c))),
      claimAll(),
    ]);
    expect(ended).toEqual([false, ...held.map(() => true), ...held.map(() => false)]);
    expect(next.every((c) => c === undefined)).toBe(true);
    expect(await t.queue.inFlight(pool)).toBe(1);
  });

  test('drops the second entry of a task that is in flight', async ({ t, entry, claim, claimed }) => {
    const e = entry();
    await t.queue.enqueue(e);
    await t.queue.enqueue(e);
    expect((await claimed()).entry.task_id).toBe(e.task_id);
    expect(await claim()).toBeUndefined();
  });

  test('never hands one task to two concurrent consumers', async ({ enqueue, claim }) => {
    await enqueue(20);
    const claims = await Promise.all(Array.from({ length: 30 }, () => claim()));
    const ids = claims.flatMap((c) => (c ? [c.entry.task_id] : []));
    expect(new Set(ids).size).toBe(20);
    expect(ids).toHaveLength(20);
  });
}
