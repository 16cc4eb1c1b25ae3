import type { SlotLeases, SlotUsage } from '../task_queue.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';

/** Slots as sorted sets, one a scanner. `now` gives the time as scripts take it. */
export function createRedisSlots(
  connection: RedisConnection,
  keys: RedisKeys,
  now: () => string,
  storeClock: () => Promise<number>,
): SlotLeases {
  async function usageOf(scanner: string): Promise<SlotUsage> {
    const from = String(await storeClock());
    const [active, lastUsed] = await Promise.all([
      connection.command('ZCOUNT', keys.slots(scanner), `(${from}`, '+inf'),
      connection.command('HGET', keys.lastUsed, scanner),
    ]);
    return { scanner, active: Number(active), lastUsed: Number(lastUsed ?? 0) };
  }
  return {
    async acquire(scanner, holder, max, leaseMs) {
      const args = [holder, String(max), now(), String(leaseMs), scanner];
      return (await connection.script('acquire_slot', [keys.slots(scanner), keys.lastUsed], args)) === 1;
    },
    async release(scanner, holder) {
      await connection.command('ZREM', keys.slots(scanner), holder);
    },
    usage: (scanners) => Promise.all(scanners.map(usageOf)),
  };
}
