import type { QueueEntry } from '@nmcp/types';
import { parseEntry } from '../parse_entry.ts';
import type { QueueContents } from '../task_queue.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';
import { readList } from './read_list.ts';

/** What waits in the queues on Redis, and what is claimed. */
export function createRedisContents(
  connection: RedisConnection,
  names: RedisKeys,
  now: () => Promise<number>,
): QueueContents {
  return {
    depth: async (pool) => Number(await connection.command('LLEN', names.pool(pool).queue)),
    inFlight: async (pool) => Number(await connection.command('HLEN', names.pool(pool).inflight)),
    async peek(pool, count) {
      const raw = await readList(connection, 'LRANGE', names.pool(pool).queue, String(-count), '-1');
      return raw.reverse().flatMap((text): QueueEntry[] => {
        const parsed = parseEntry(text, pool);
        return 'entry' in parsed ? [parsed.entry] : [];
      });
    },
    async holder(pool, taskId) {
      const keys = names.pool(pool);
      const [record, end, time] = await Promise.all([
        connection.command('HGET', keys.inflight, taskId),
        connection.command('ZSCORE', keys.leases, taskId),
        now(),
      ]);
      if (record === null || Number(end ?? 0) <= time) return undefined;
      return String(record).split('\n', 2)[1]; // fence, consumer, entry
    },
    async has(pool, taskId) {
      const keys = names.pool(pool);
      if ((await connection.command('HEXISTS', keys.inflight, taskId)) === 1) return true;
      const needle = JSON.stringify(taskId);
      return (await readList(connection, 'LRANGE', keys.queue, '0', '-1')).some((raw) =>
        raw.includes(needle),
      );
    },
    async taskIds(pool) {
      const keys = names.pool(pool);
      const [waiting, claimed] = await Promise.all([
        readList(connection, 'LRANGE', keys.queue, '0', '-1'),
        readList(connection, 'HKEYS', keys.inflight),
      ]);
      const ids = waiting.flatMap((raw) => {
        const parsed = parseEntry(raw, pool);
        return 'entry' in parsed ? [parsed.entry.task_id] : [];
      });
      return new Set<string>([...ids, ...claimed]);
    },
  };
}
