import {
  type CircuitBreakers,
  type CircuitOptions,
  circuitState,
  REASON_LENGTH,
} from '../circuit_breakers.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';
import { isList } from './read_reply.ts';

/** Circuits as hashes, one a scanner. `now` gives the time as scripts take it. */
export function createRedisCircuits(
  connection: RedisConnection,
  keys: RedisKeys,
  now: () => string,
  storeClock: () => Promise<number>,
): CircuitBreakers {
  const run = (
    verb: string,
    scanner: string,
    { openMs, failures }: CircuitOptions = { openMs: 0, failures: 0 },
    reason = '',
  ): Promise<unknown> =>
    connection.script(
      'circuit',
      [keys.circuit(scanner)],
      [verb, now(), String(openMs), String(failures), reason.slice(0, REASON_LENGTH)],
    );
  return {
    allow: async (scanner, options) => (await run('allow', scanner, options)) === 1,
    failed: async (scanner, options, reason) => (await run('fail', scanner, options, reason)) === 2,
    succeeded: async (scanner) => {
      await run('succeed', scanner);
    },
    states: (scanners) =>
      Promise.all(
        scanners.map(async (scanner) => {
          const found = await connection.command('HMGET', keys.circuit(scanner), 'open_until', 'reason');
          const [openUntil = null, reason] = isList(found) ? found : [];
          return circuitState(
            scanner,
            openUntil === null ? undefined : Number(openUntil),
            await storeClock(),
            String(reason ?? ''),
          );
        }),
      ),
  };
}
