import { newTaskId, newTraceId, type PoolName, type QueueEntry, type TaskId } from '@nmcp/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Claim, TaskQueue } from './task_queue.ts';

/** A queue under test, with a clock that the test moves. */
export interface QueueUnderTest {
  queue: TaskQueue;
  /** Puts a text into a pool's queue as another program would. */
  pushRaw(pool: PoolName, raw: string): Promise<void>;
  advance(ms: number): void;
}

const LEASE = 1000;
let poolNumber = 0;

/** What every backend must do. */
export function describeQueueContract(name: string, open: () => Promise<QueueUnderTest>): void {
  describe(`${name} queue`, () => {
    let t: QueueUnderTest;
    let pool: PoolName;
    beforeEach(async () => {
      t = await open();
      pool = `t${process.pid}_${Date.now()}_${poolNumber++}` as PoolName; // matches the pattern of pool names
    });
    afterEach(() => t.queue.close());

    const entry = (in_pool: PoolName = pool): QueueEntry => ({
      task_id: newTaskId('nessus'),
      trace_id: newTraceId(),
      scan_type: 'untrusted',
      scanner_pool: in_pool,
      scanner_instance_id: null,
      payload: { targets: '10.0.0.1', name: 'n' },
    });
    const claim = (...pools: PoolName[]): Promise<Claim | undefined> =>
      t.queue.claim(pools.length > 0 ? pools : [pool], { consumer: 'w1', leaseMs: LEASE });
    const claimed = async (): Promise<Claim> => {
      const taken = await claim();
      if (!taken) throw new Error('nothing to claim');
      return taken;
    };
    const enqueue = async (count: number): Promise<TaskId[]> => {
      const ids: TaskId[] = [];
      for (let i = 0; i < count; i++) {
        const e = entry();
        await t.queue.enqueue(e);
        ids.push(e.task_id);
      }
      return ids;
    };

    test('hands tasks out in the order in which they came', async () => {
      const ids = await enqueue(3);
      expect(await t.queue.depth(pool)).toBe(3);
      expect((await t.queue.peek(pool, 2)).map((e) => e.task_id)).toEqual(ids.slice(0, 2));
      expect([await claimed(), await claimed(), await claimed()].map((c) => c.entry.task_id)).toEqual(ids);
      expect(await claim()).toBeUndefined();
      expect(await t.queue.inFlight(pool)).toBe(3);
    });

    test('says how many wait', async () => {
      await enqueue(1);
      expect(await t.queue.enqueue(entry())).toEqual({ kind: 'enqueued', depth: 2 });
    });

    test('forgets a completed task', async () => {
      const [id] = await enqueue(1);
      const c = await claimed();
      expect(id && (await t.queue.has(pool, id))).toBe(true);
      expect(await t.queue.complete(c)).toBe(true);
      expect(await t.queue.complete(c)).toBe(false);
      expect(await t.queue.inFlight(pool)).toBe(0);
      expect(id && (await t.queue.has(pool, id))).toBe(false);
    });

    test('puts a task whose lease ran out back in front, with a higher fence', async () => {
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

    test('records every attempt in the dead letter', async () => {
      await enqueue(1);
      await claimed();
      t.advance(LEASE + 1);
      await claimed();
      t.advance(LEASE + 1);
      expect(await t.queue.fail(await claimed(), 'gave up')).toBe(true);
      const [letter] = await t.queue.deadLetters(pool, 1);
      expect(letter?.attempts?.map(({ error }) => error)).toEqual([
        'The lease ran out',
        'The lease ran out',
        'gave up',
      ]);
      const [id] = await enqueue(1);
      expect((await claimed()).entry.task_id).toBe(id);
    });

    test('takes a waiting task out, and asks for a claimed one to be stopped until it is settled', async () => {
      const [first, second, third] = await enqueue(3);
      if (!first || !second || !third) throw new Error('nothing was enqueued');
      expect(await t.queue.cancel(pool, second)).toBe('removed');
      expect(await t.queue.depth(pool)).toBe(2);
      const running = await claimed();
      expect(await t.queue.isCancelRequested(pool, first)).toBe(false);
      expect(await t.queue.cancel(pool, first)).toBe('requested');
      expect(await t.queue.cancel(pool, first)).toBe('requested');
      expect(await t.queue.isCancelRequested(pool, first)).toBe(true);
      expect(await t.queue.taskIds(pool)).toEqual(new Set([first, third]));
      expect(await t.queue.complete(running)).toBe(true);
      expect(await t.queue.isCancelRequested(pool, first)).toBe(false);
      expect((await claimed()).entry.task_id).toBe(third);
    });

    test('gives a lease and a slot back although the clock was set back an hour', async () => {
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

    test('lets a probe through a circuit although the clock was set back an hour', async () => {
      const options = { failures: 1, openMs: 1000 };
      await t.queue.circuits.failed(pool, options);
      expect(await t.queue.circuits.allow(pool, options)).toBe(false);
      t.advance(-3_600_000);
      expect(await t.queue.circuits.allow(pool, options)).toBe(true);
      expect(await t.queue.circuits.allow(pool, options)).toBe(false);
    });

    test('replaces the entry of a claim, also for whoever takes it next', async () => {
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

    test('says who holds a task, as long as somebody does', async () => {
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

    test('knows which scanners are out of service', async () => {
      const scanner = `${pool}:scanner1`;
      expect(await t.queue.drains.set(scanner, true)).toBe(true);
      expect(await t.queue.drains.set(scanner, true)).toBe(false);
      expect(await t.queue.drains.list()).toContain(scanner);
      expect(await t.queue.drains.set(scanner, false)).toBe(true);
      expect(await t.queue.drains.set(scanner, false)).toBe(false);
      expect(await t.queue.drains.list()).not.toContain(scanner);
    });

    test('says what its store is', async () => {
      const { product, isWritable, now } = await t.queue.inspect();
      expect(product).toMatch(/^(Redis|Valkey|SQLite) \d+\.\d+/);
      expect(isWritable).toBe(true);
      expect(now).toBeGreaterThan(1_600_000_000_000);
    });

    test('keeps a renewed lease', async () => {
      await enqueue(1);
      const c = await claimed();
      t.advance(LEASE - 10);
      expect(await t.queue.renew(c, LEASE)).toBe(true);
      t.advance(LEASE - 10);
      expect(await claim()).toBeUndefined();
      expect(await t.queue.complete(c)).toBe(true);
    });

    test('gives a task back to the front without counting the attempt', async () => {
      const [first] = await enqueue(2);
      expect(await t.queue.giveBack(await claimed())).toBe(true);
      const again = await claimed();
      expect(again.entry.task_id).toBe(first);
      expect(again.attempts).toEqual([]);
    });

    test('serves pools in turn', async () => {
      const other = `${pool}_b` as PoolName; // still of the pattern
      for (const p of [pool, pool, pool, other, other]) await t.queue.enqueue(entry(p));
      const order: string[] = [];
      for (let i = 0; i < 4; i++) order.push((await claim(pool, other))?.pool ?? '');
      expect(order.filter((p) => p === other)).toHaveLength(2);
    });

    test('wakes a waiting consumer', async () => {
      const waiting = t.queue.claim([pool], { consumer: 'w1', leaseMs: LEASE, waitMs: 20_000 });
      await t.queue.depth(pool);
      const e = entry();
      await t.queue.enqueue(e);
      expect((await waiting)?.entry.task_id).toBe(e.task_id);
    });

    test('stops waiting when told to', async () => {
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

    test('finds what another producer pushed', async () => {
      const e = entry();
      const waiting = t.queue.claim([pool], { consumer: 'w1', leaseMs: LEASE, waitMs: 20_000 });
      await t.pushRaw(pool, JSON.stringify(e));
      expect((await waiting)?.entry).toEqual(e);
    });

    test('moves entries that are no task to the dead letters and goes on', async () => {
      await t.pushRaw(pool, 'not json');
      await t.pushRaw(pool, '{"task_id":"../../etc/passwd","trace_id":"t"}');
      await t.pushRaw(pool, '[]');
      await t.pushRaw(pool, '{"task_id":"nessus\\nb-1","trace_id":"t"}');
      await t.pushRaw(pool, JSON.stringify(entry()).slice(0, -20)); // with its id, yet cut
      const [id] = await enqueue(1);
      expect((await claimed()).entry.task_id).toBe(id);
      const dead = await t.queue.deadLetters(pool, 10);
      expect(dead).toHaveLength(5);
      expect(await t.queue.inFlight(pool)).toBe(1);
      expect(dead.map((d) => d.error).join()).toMatch(/not JSON|no task_id/);
      expect(dead.map((d) => d.entry.raw)).toContain('not json');
    });

    test('an entry with two ids ends, under whichever id it was claimed', async () => {
      const { task_id, ...rest } = entry();
      await t.pushRaw(pool, JSON.stringify({ task_id, ...rest }).replace('}', `},"task_id":"${task_id}-2"`));
      const claim = await claimed().catch(() => undefined);
      if (claim) expect(await t.queue.complete(claim)).toBe(true);
      expect(await t.queue.inFlight(pool)).toBe(0);
      expect(await t.queue.depth(pool)).toBe(0);
    });

    test('many consumers at once each get a task of their own, with its attempts, and end it', async () => {
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

    test('drops the second entry of a task that is in flight', async () => {
      const e = entry();
      await t.queue.enqueue(e);
      await t.queue.enqueue(e);
      expect((await claimed()).entry.task_id).toBe(e.task_id);
      expect(await claim()).toBeUndefined();
    });

    test('keeps failed tasks with their reason', async () => {
      const [id] = await enqueue(1);
      expect(await t.queue.fail(await claimed(), 'scanner is gone')).toBe(true);
      expect(await t.queue.deadLetterCount(pool)).toBe(1);
      const [letter] = await t.queue.deadLetters(pool, 5);
      expect(letter).toMatchObject({ id, error: 'scanner is gone', scanner_pool: pool });
      expect(letter?.entry).toMatchObject({ task_id: id, payload: { targets: '10.0.0.1' } });
      expect(await t.queue.removeDeadLetter(pool, 'nessus-none-1')).toBe(false);
      expect(await t.queue.removeDeadLetter(pool, id ?? '')).toBe(true);
      expect(await t.queue.purgeDeadLetters(pool)).toBe(0);
    });

    test('finds the first submission by its idempotency key', async () => {
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

    test('remembers a key for a task that is not enqueued yet', async () => {
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

    test('lets only one of many concurrent submissions with one key through', async () => {
      const idempotency = { key: `k-${newTraceId()}`, requestHash: 'a'.repeat(64) };
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => t.queue.enqueue(entry(), { idempotency })),
      );
      expect(outcomes.filter((o) => o.kind === 'enqueued')).toHaveLength(1);
      expect(await t.queue.depth(pool)).toBe(1);
    });

    test('never hands one task to two concurrent consumers', async () => {
      await enqueue(20);
      const claims = await Promise.all(Array.from({ length: 30 }, () => claim()));
      const ids = claims.flatMap((c) => (c ? [c.entry.task_id] : []));
      expect(new Set(ids).size).toBe(20);
      expect(ids).toHaveLength(20);
    });

    test('opens a circuit after failures in a row, and lets one probe through when its time is over', async () => {
      const { circuits } = t.queue;
      const [scanner, options] = [`${pool}:s1`, { failures: 3, openMs: 1000 }];
      const state = async (): Promise<string | undefined> => (await circuits.states([scanner]))[0]?.state;
      const fail = (): Promise<boolean> => circuits.failed(scanner, options);
      expect([await fail(), await fail()]).toEqual([false, false]);
      await circuits.succeeded(scanner);
      expect([await fail(), await fail(), await state()]).toEqual([false, false, 'closed']);
      expect(await circuits.allow(scanner, options)).toBe(true);
      expect([await fail(), await state()]).toEqual([true, 'open']);
      expect(await circuits.allow(scanner, options)).toBe(false);
      t.advance(1001);
      expect(await state()).toBe('half-open');
      expect([await circuits.allow(scanner, options), await circuits.allow(scanner, options)]).toEqual([
        true,
        false,
      ]);
      expect([await fail(), await state(), await circuits.allow(scanner, options)]).toEqual([
        true,
        'open',
        false,
      ]);
      t.advance(1001);
      expect(await circuits.allow(scanner, options)).toBe(true);
      await circuits.succeeded(scanner);
      expect([await state(), await circuits.allow(scanner, options)]).toEqual(['closed', true]);
      await fail();
      await fail();
      t.advance(10_001);
      expect(await fail()).toBe(false); // failures long ago are no row of failures
    });

    test('holds a scanner to its number of slots', async () => {
      const { slots } = t.queue;
      const scanner = `${pool}:s1`;
      expect(await slots.acquire(scanner, 'a', 2, LEASE)).toBe(true);
      expect(await slots.acquire(scanner, 'b', 2, LEASE)).toBe(true);
      expect(await slots.acquire(scanner, 'c', 2, LEASE)).toBe(false);
      expect(await slots.acquire(scanner, 'a', 2, LEASE)).toBe(true);
      expect((await slots.usage([scanner, `${pool}:s2`])).map((u) => u.active)).toEqual([2, 0]);
      await slots.release(scanner, 'a');
      expect(await slots.acquire(scanner, 'c', 2, LEASE)).toBe(true);
      t.advance(LEASE + 1);
      expect((await slots.usage([scanner]))[0]?.active).toBe(0);
      expect(await slots.acquire(scanner, 'd', 2, LEASE)).toBe(true);
    });
  });
}
