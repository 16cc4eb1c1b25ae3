import { testRedisUrl } from '@nmcp/test-support';
import { newTaskId, type PoolName } from '@nmcp/types';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import { describeQueueContract } from './queue_test_contract.ts';
import { createRedisQueue } from './redis/create_redis_queue.ts';

describe.skipIf(testRedisUrl === undefined)('with a Redis server', () => {
  const url = testRedisUrl ?? '';

  describeQueueContract('Redis', async () => {
    let now = 1_800_000_000_000;
    const queue = await createRedisQueue({ url, clock: () => now, pollMs: 20 });
    return {
      queue,
      advance: (ms) => {
        now += ms;
      },
      async pushRaw(pool, raw) {
        const producer = await createClient({ url }).connect();
        await producer.lPush(`${pool}:queue`, raw);
        producer.destroy();
      },
    };
  });

  test("the keys are v3.0's", async () => {
    const pool = `v3_${Date.now()}` as PoolName; // matches the pattern
    await using queue = await createRedisQueue({ url });
    const reader = await createClient({ url }).connect();
    const entry = {
      task_id: 'nessus-s1-20251126-abc123' as never,
      trace_id: 't',
      scan_type: 'untrusted' as const,
      scanner_pool: pool,
      scanner_instance_id: 's1',
      payload: { a: 1 },
    };
    await queue.enqueue(entry, { idempotency: { key: pool, requestHash: 'h' } });
    expect((await reader.lRange(`${pool}:queue`, 0, -1)).map((text) => JSON.parse(text))).toEqual([entry]);
    expect(JSON.parse((await reader.get(`idemp:${pool}`)) ?? '')).toMatchObject({
      task_id: entry.task_id,
      request_hash: 'h',
    });
    expect(await reader.ttl(`idemp:${pool}`)).toBeGreaterThan(172_000);
    const claim = await queue.claim([pool], { consumer: 'w', leaseMs: 60_000 });
    if (claim) await queue.fail(claim, 'why');
    const [dead] = await reader.zRangeWithScores(`${pool}:queue:dead`, 0, -1);
    expect(JSON.parse(dead?.value ?? '')).toMatchObject({ ...entry, error: 'why' });
    expect(dead?.score).toBeCloseTo(Date.now() / 1000, -2);
    reader.destroy();
  });

  test('what a caller uses is summed over the other servers, and a caller is himself alone', async () => {
    await using queue = await createRedisQueue({ url });
    const caller = `caller ${Date.now()}`;
    const say = (
      server: string,
      spent: number,
      calls: number,
      streams: number,
    ): Promise<unknown> | undefined => queue.use?.exchange(caller, server, { spent, calls, streams });
    expect(await say('a', 3, 1, 2)).toEqual({ spent: 0, calls: 0, streams: 0 });
    expect(await say('b', 4, 0, 1)).toEqual({ spent: 3, calls: 1, streams: 2 });
    expect(await say('a', 5, 0, 2)).toEqual({ spent: 4, calls: 0, streams: 1 });
    expect(await say('c', 0, 0, 0)).toEqual({ spent: 9, calls: 0, streams: 3 });
    const other = queue.use?.exchange(`${caller}2`, 'a', { spent: 1, calls: 1, streams: 1 });
    expect(await other).toEqual({ spent: 0, calls: 0, streams: 0 });
    const reader = await createClient({ url }).connect();
    expect(await reader.ttl(`nmcp:use:${caller}`)).toBeGreaterThan(100);
    await reader.hSet(`nmcp:use:${caller}`, {
      gone: `${Math.floor(Date.now() / 1000) - 60} 7 7 7`,
      odd: 'what',
    });
    expect(await say('c', 0, 0, 0)).toMatchObject({ calls: 0, streams: 3 });
    reader.destroy();
  });

  test('a claim whose lease was evicted gets another, and ends with it', async () => {
    const pool = `evicted_${Date.now()}` as PoolName; // matches the pattern
    let now = 1_800_000_000_000;
    await using queue = await createRedisQueue({ url, clock: () => now });
    await queue.enqueue({
      task_id: newTaskId('nessus'),
      trace_id: 't',
      scan_type: 'untrusted',
      scanner_pool: pool,
      payload: {},
    });
    const first = await queue.claim([pool], { consumer: 'gone', leaseMs: 60_000 });
    const other = await createClient({ url }).connect();
    await other.del(`${pool}:leases`);
    other.destroy();
    expect(await queue.claim([pool], { consumer: 'w', leaseMs: 60_000 })).toBeUndefined();
    now += 61_000;
    const second = await queue.claim([pool], { consumer: 'w', leaseMs: 60_000 });
    expect(second?.entry.task_id).toBe(first?.entry.task_id);
    expect(second?.attempts).toHaveLength(1);
  });

  test('many tasks that come at once wake who waits, without the poll', async () => {
    const pool = `wake_${Date.now()}` as PoolName; // matches the pattern
    await using producer = await createRedisQueue({ url });
    await using queue = await createRedisQueue({ url, pollMs: 60_000 });
    const waiting = queue.claim([pool], { consumer: 'w', leaseMs: 60_000, waitMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 50)); // it finds nothing, and sleeps
    const ids = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const task_id = newTaskId('nessus');
        await producer.enqueue({
          task_id,
          trace_id: 't',
          scan_type: 'untrusted',
          scanner_pool: pool,
          payload: {},
        });
        return task_id;
      }),
    );
    expect((await waiting)?.entry.task_id).toBe(ids[0]);
  });

  test('a claim goes on after the scripts were flushed', async () => {
    await using queue = await createRedisQueue({ url });
    const admin = await createClient({ url }).connect();
    await admin.sendCommand(['SCRIPT', 'FLUSH']);
    admin.destroy();
    expect(await queue.claim(['nothing' as PoolName], { consumer: 'w', leaseMs: 1000 })).toBeUndefined();
  });
});

test('a Redis that cannot be reached is named without its password', async () => {
  const opening = createRedisQueue({ url: 'redis://user:hunter2@127.0.0.1:1/0' });
  await expect(opening).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/127\.0\.0\.1:1\b/),
  });
  await expect(opening).rejects.toSatisfy((error) => !String((error as Error).message).includes('hunter2'));
});

test('a URL that is none is refused', async () => {
  await expect(createRedisQueue({ url: 'localhost' })).rejects.toMatchObject({ code: 'invalid_config' });
});
