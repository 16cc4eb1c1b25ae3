import { join } from 'node:path';
import { createEmbeddedQueue } from './embedded/create_embedded_queue.ts';
import { createRedisQueue } from './redis/create_redis_queue.ts';
import type { TaskQueue } from './task_queue.ts';

/** Name of the embedded store's file in a data directory. */
export const EMBEDDED_FILE = '.queue.db';

/** Opens the queue on Redis where a URL is given, else the embedded one beside the tasks. */
export function openQueue(options: {
  redisUrl?: string | undefined;
  redisClusterTag?: string | undefined;
  dataDir: string;
}): Promise<TaskQueue> {
  return options.redisUrl === undefined
    ? createEmbeddedQueue({ path: join(options.dataDir, EMBEDDED_FILE) })
    : createRedisQueue({ url: options.redisUrl, clusterTag: options.redisClusterTag });
}
