import type { Drains } from '../task_queue.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';

/** Scanners out of service as a set. */
export function createRedisDrains(connection: RedisConnection, keys: RedisKeys): Drains {
  return {
    set: async (scanner, drained) =>
      (await connection.command(drained ? 'SADD' : 'SREM', keys.drained, scanner)) === 1,
    async list() {
      const found = await connection.command('SMEMBERS', keys.drained);
      return new Set(Array.isArray(found) ? found.map(String) : []);
    },
  };
}
