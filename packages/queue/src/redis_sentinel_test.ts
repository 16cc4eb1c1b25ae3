import { findRedisServer, type SentinelRedis, startRedis, startRedisSentinels } from '@nmcp/test-support';
import { DEFAULT_POOL } from '@nmcp/types';
import { createClient } from 'redis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRedisQueue } from './open_queue.ts';
import { simpleEntry as entry } from './queue_test_fixtures.ts';

const binary = findRedisServer();

describe.skipIf(binary === undefined)('with three Sentinels', () => {
  let redis: SentinelRedis;
  beforeEach(async () => {
    redis = await startRedisSentinels(binary ?? '');
  });
  afterEach(() => redis[Symbol.asyncDispose]());

  test('a queue goes on with the new primary when the old one is killed', async () => {
    await using queue = await createRedisQueue({ ...redis, silenceMs: 500 });
    await queue.enqueue(entry());
    const before = await redis.signalPrimary('SIGKILL');
    const second = entry();
    // a call in between is refused, never lost in silence
    await untilDone(() => queue.enqueue(second));
    expect(await redis.primaryPort()).not.toBe(before);
    expect((await queue.peek(DEFAULT_POOL, 10)).map(({ task_id }) => task_id)).toContain(second.task_id);
  });

  test('a primary that hangs is left, and is not written to when it comes back', async () => {
    await using queue = await createRedisQueue({ ...redis, silenceMs: 500 });
    const before = await redis.signalPrimary('SIGSTOP');
    await untilDone(() => queue.enqueue(entry()));
    redis.signal(before, 'SIGCONT');
    const last = entry();
    await untilDone(() => queue.enqueue(last));
    const client = await createClient({ url: `redis://127.0.0.1:${await redis.primaryPort()}` }).connect();
    expect(JSON.stringify(await client.lRange('nessus:queue', 0, -1))).toContain(last.task_id);
    client.destroy();
  });

  test('a Sentinel that is away is one of three', async () => {
    const [first = ''] = redis.sentinels;
    redis.signal(portOf(first), 'SIGKILL');
    await using queue = await createRedisQueue({ ...redis, silenceMs: 2000 });
    await queue.ping();
  });

  test('a Sentinel that names a dead primary is asked until it names a living one', async () => {
    // one of three alone decides nothing, so it goes on naming the dead one
    for (const sentinel of redis.sentinels.slice(1)) redis.signal(portOf(sentinel), 'SIGKILL');
    const dead = await redis.signalPrimary('SIGKILL');
    await expect(createRedisQueue({ ...redis, silenceMs: 2000 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    redis.revive(dead);
    await untilDone(async () => {
      await using queue = await createRedisQueue({ ...redis, silenceMs: 2000 });
      await queue.ping();
    });
  });

  test('what is wrong is said: no Sentinel, or none that knows the name', async () => {
    await expect(
      createRedisQueue({ url: 'redis://other', sentinels: redis.sentinels, silenceMs: 2000 }),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(
        /no Sentinel of REDIS_SENTINELS says where "other" is: 127\.0\.0\.1:\d+ knows no primary/,
      ),
    });
    await expect(
      createRedisQueue({ url: redis.url, sentinels: ['127.0.0.1:9'], silenceMs: 2000 }),
    ).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ECONNREFUSED') });
  });
});

function portOf(address: string): number {
  return Number(address.split(':')[1]);
}

describe.skipIf(binary === undefined)('with a Sentinel that is told of another primary', () => {
  /** Two servers that know nothing of each other, and a Sentinel. */
  async function openTwo() {
    const [one, other] = [await startRedis(binary ?? ''), await startRedis(binary ?? '')];
    const redis = await startRedisSentinels(binary ?? '');
    const [sentinel = ''] = redis.sentinels;
    return {
      one,
      other,
      options: { url: redis.url, sentinels: [sentinel], silenceMs: 400 },
      async name({ url }: { url: string }) {
        await ask(`redis://${sentinel}`, 'SENTINEL', 'REMOVE', 'nmcp');
        await ask(`redis://${sentinel}`, 'SENTINEL', 'MONITOR', 'nmcp', '127.0.0.1', new URL(url).port, '2');
      },
      async [Symbol.asyncDispose]() {
        await redis[Symbol.asyncDispose]();
        await one.stop();
        await other.stop();
      },
    };
  }

  test('one that was cut off from the others is left, though it goes on answering', async () => {
    await using t = await openTwo();
    await t.name(t.one);
    await using queue = await createRedisQueue(t.options);
    await queue.enqueue(entry());
    await t.name(t.other);
    while (!(await ask(t.other.url, 'EXISTS', 'nessus:queue'))) await untilDone(() => queue.enqueue(entry()));
    expect(await ask(t.one.url, 'EXISTS', 'nessus:queue')).toBe(1);
  });

  test('one that is a replica by now is not taken for the primary', async () => {
    await using t = await openTwo();
    await ask(t.other.url, 'REPLICAOF', '127.0.0.1', new URL(t.one.url).port);
    await t.name(t.other);
    await expect(createRedisQueue(t.options)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('is no primary any longer'),
    });
  });
});

async function ask(url: string, ...words: string[]): Promise<unknown> {
  const client = await createClient({ url }).connect();
  const answer: unknown = await client.sendCommand(words);
  client.destroy();
  return answer;
}

/** Calls again and again while the store cannot be reached. */
async function untilDone(call: () => Promise<unknown>): Promise<void> {
  while (true) {
    try {
      await call();
      return;
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable' });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
