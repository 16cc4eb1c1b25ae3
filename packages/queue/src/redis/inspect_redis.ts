import type { StoreInspection } from '../task_queue.ts';
import type { RedisConnection } from './connection.ts';
import { isList } from './read_reply.ts';

/** What a Redis server says of itself. */
export async function inspectRedis(connection: RedisConnection): Promise<StoreInspection> {
  const [info, time] = await Promise.all([connection.command('INFO'), connection.command('TIME')]);
  const facts = new Map(
    [...String(info).matchAll(/^([a-z_]+):(.*?)\r?$/gm)].map(([, name = '', fact = '']) => [name, fact]),
  );
  const [seconds, micros] = isList(time) ? time : [];
  const product = facts.get('server_name') === 'valkey' ? 'Valkey' : 'Redis';
  const version = facts.get('valkey_version') ?? facts.get('redis_version') ?? '';
  return {
    product: `${product} ${version}`,
    isWritable: facts.get('role') !== 'slave',
    isDurable: facts.get('aof_enabled') === '1',
    evicts: !['noeviction', undefined].includes(facts.get('maxmemory_policy')),
    now: Number(seconds) * 1000 + Number(micros) / 1000,
  };
}
