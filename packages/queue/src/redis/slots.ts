import type { SlotLeases } from '../task_queue.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';
import { isList } from './read_reply.ts';

/** Slots as sorted sets, one a scanner. `now` gives the time as scripts take it. */
export function createRedisSlots(
  connection: RedisConnection,
  keys: RedisKeys,
  now: () => string,
): SlotLeases {
  return {
    async acquire(scanner, holder, max, leaseMs) {
      const args = [holder, String(max), now(), String(leaseMs), scanner];
      return (await connection.script('acquire_slot', [keys.slots(scanner), keys.lastUsed], args)) === 1;
    },
    async release(scanner, holder) {
      await connection.command('ZREM', keys.slots(scanner), holder);
    },
    async usage(scanners) {
      if (scanners.length === 0) return [];
      const places = [keys.lastUsed, ...scanners.map((scanner) => keys.slots(scanner))];
      const reply = await connection.script('slot_usage', places, [now(), ...scanners]);
      const numbers = isList(reply) ? reply.map(Number) : [];
      return scanners.map((scanner, i) => ({
        scanner,
        active: numbers[2 * i] ?? 0,
        lastUsed: numbers[2 * i + 1] ?? 0,
      }));
    },
  };
}
