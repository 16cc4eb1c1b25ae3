import type { SharedUse } from '@nmcp/types';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';
import { isList } from './read_reply.ts';

/** The account of what callers use as hashes, one a caller. */
export function createRedisUse(connection: RedisConnection, keys: RedisKeys): SharedUse {
  return {
    async exchange(caller, server, { spent, calls, streams }) {
      const reply = await connection.script(
        'use',
        [keys.use(caller)],
        [server, spent.toFixed(2), String(calls), String(streams)],
      );
      const [others, underWay, open] = isList(reply) ? reply.map(Number) : [];
      return { spent: others ?? 0, calls: underWay ?? 0, streams: open ?? 0 };
    },
  };
}
