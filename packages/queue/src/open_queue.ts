import { join } from 'node:path';
import { createEmbeddedQueue } from './embedded/create_embedded_queue.ts';
import type { RedisQueueOptions } from './redis/create_redis_queue.ts';
import type { TaskQueue } from './task_queue.ts';

/** Name of the embedded store's file in a data directory. */
export const EMBEDDED_FILE = '.queue.db';

/** Opens the queue on Redis where a URL is given, else the embedded one beside the tasks. */
export function openQueue(options: {
  redisUrl?: string | undefined;
  redisClusterTag?: string | undefined;
  redisSentinels?: readonly string[] | undefined;
  dataDir: string;
}): Promise<TaskQueue> {
  return options.redisUrl === undefined
    ? createEmbeddedQueue({ path: join(options.dataDir, EMBEDDED_FILE) })
    : createRedisQueue({
        url: options.redisUrl,
        clusterTag: options.redisClusterTag,
        sentinels: options.redisSentinels,
      });
}

/**
 * Opens the queues on Redis 6.2 or later, or Valkey. The keys are v3.0's, with in-flight records and leases beside them.
 *
 * @throws {NmcpError} `unavailable` when the server does not answer.
 *
 * @example
 * ```ts redis
 * import { createRedisQueue } from '@nmcp/queue';
 *
 * await using queue = await createRedisQueue({ url: process.env.REDIS_URL ?? 'redis://localhost:6379' });
 * await queue.ping();
 * ```
 */
export async function createRedisQueue(options: RedisQueueOptions): Promise<TaskQueue> {
  // the library is 650 files, which whoever has no Redis need not wait for
  return await (await import('./redis/create_redis_queue.ts')).createRedisQueue(options);
}
