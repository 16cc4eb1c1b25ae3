import { type CircuitBreakers, type CircuitOptions, circuitState } from '../circuit_breakers.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';

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
  ): Promise<unknown> =>
    connection.script('circuit', [keys.circuit(scanner)], [verb, now(), String(openMs), String(failures)]);
  return {
    allow: async (scanner, options) => (await run('allow', scanner, options)) === 1,
    failed: async (scanner, options) => (await run('fail', scanner, options)) === 2,
    succeeded: async (scanner) => {
      await run('succeed', scanner);
    },
    states: (scanners) =>
      Promise.all(
        scanners.map(async (scanner) => {
          const openUntil = await connection.command('HGET', keys.circuit(scanner), 'open_until');
          return circuitState(
            scanner,
            openUntil === null ? undefined : Number(openUntil),
            await storeClock(),
          );
        }),
      ),
  };
}
