import { findRedisServer, type PrivateRedis, startRedisCluster } from '@nmcp/test-support';
import { createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeQueueContract } from './queue_test_contract.ts';
import { createRedisQueue } from './redis/create_redis_queue.ts';

const binary = findRedisServer();

describe.skipIf(binary === undefined)('with a Redis Cluster of three nodes', () => {
  let cluster: PrivateRedis;
  beforeAll(async () => {
    cluster = await startRedisCluster(binary ?? '');
  }, 60_000);
  afterAll(() => cluster.stop());

  describeQueueContract('Redis Cluster', async () => {
    let now = 1_800_000_000_000;
    const queue = await createRedisQueue({
      url: cluster.url,
      clusterTag: 'nmcp',
      clock: () => now,
      pollMs: 20,
    });
    return {
      queue,
      advance: (ms) => {
        now += ms;
      },
      async pushRaw(pool, raw) {
        const producer = createCluster({ rootNodes: [{ url: cluster.url }] });
        await producer.connect();
        await producer.lPush(`{nmcp}:${pool}:queue`, raw);
        producer.destroy();
      },
    };
  });

  test('without a hash tag, the server says what is missing', async () => {
    // keys of the three nodes: at least one of these pools lies elsewhere
    const claims = async (): Promise<unknown> => {
      await using queue = await createRedisQueue({ url: cluster.url });
      return await Promise.all(
        ['a', 'b', 'c', 'd', 'e', 'f'].map((pool) =>
          queue.claim([pool as never], { consumer: 'w', leaseMs: 1000 }),
        ),
      );
    };
    await expect(claims()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/CROSSSLOT|MOVED/),
    });
  });
});
