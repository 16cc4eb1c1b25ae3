import type { StoreInspection } from '../task_queue.ts';
import type { RedisConnection } from './connection.ts';

/** What a Redis server says of itself. */
export async function inspectRedis(connection: RedisConnection): Promise<StoreInspection> {
  const info = await connection.command('INFO');
  const facts = new Map(
    [...String(info).matchAll(/^([a-z_]+):(.*?)\r?$/gm)].map(([, name = '', fact = '']) => [name, fact]),
  );
  const product = facts.get('server_name') === 'valkey' ? 'Valkey' : 'Redis';
  const version = facts.get('valkey_version') ?? facts.get('redis_version') ?? '';
  return {
    product: `${product} ${version}`,
    isWritable: facts.get('role') !== 'slave',
    isDurable: facts.get('aof_enabled') === '1',
    evicts: !['noeviction', undefined].includes(facts.get('maxmemory_policy')),
  };
}
