import { readDeadLetter } from '../dead_letter.ts';
import type { DeadLetters } from '../task_queue.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';
import { readList } from './read_list.ts';

/** The dead letters on Redis. */
export function createRedisDeadLetters(connection: RedisConnection, names: RedisKeys): DeadLetters {
  return {
    async deadLetters(pool, limit) {
      const raw = await readList(connection, 'ZREVRANGE', names.pool(pool).dead, '0', String(limit - 1));
      return raw.map((text) => readDeadLetter(text, pool));
    },
    deadLetterCount: async (pool) => Number(await connection.command('ZCARD', names.pool(pool).dead)),
    async removeDeadLetter(pool, id) {
      const key = names.pool(pool).dead;
      const found = (await readList(connection, 'ZRANGE', key, '0', '-1')).find(
        (text) => readDeadLetter(text, pool).id === id,
      );
      return found !== undefined && (await connection.command('ZREM', key, found)) === 1;
    },
    async purgeDeadLetters(pool) {
      const key = names.pool(pool).dead;
      const count = Number(await connection.command('ZCARD', key));
      await connection.command('DEL', key);
      return count;
    },
  };
}
