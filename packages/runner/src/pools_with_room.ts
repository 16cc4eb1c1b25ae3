import type { ScannerRegistry } from '@nmcp/registry';
import type { PoolName } from '@nmcp/types';

/** A task that this runner has claimed. */
export interface HeldTask {
  pool: PoolName;
  /** The scanner that the task is for; absent: any of the pool. */
  instance: string | undefined;
  hasSlot: boolean;
}

/** Tasks that may wait for a slot in one process, when each waits for a scanner of its own that is busy. */
const MAX_WAITING = 200;

/**
 * Pools in which more slots are free than this runner holds tasks that wait for one. A task that waits for a scanner of
 * its own stands in the way of that scanner's tasks only.
 */
export async function poolsWithRoom(
  registry: ScannerRegistry,
  pools: readonly PoolName[],
  held: Iterable<HeldTask>,
): Promise<PoolName[]> {
  const waiting = [...held].filter(({ hasSlot }) => !hasSlot);
  if (waiting.length >= MAX_WAITING) return [];
  const rooms = await Promise.all(
    pools.map(async (pool) => {
      const here = waiting.filter((task) => task.pool === pool);
      const { scanners } = await registry.status(pool);
      const free = scanners.reduce((sum, { instance_id, available_capacity }) => {
        const ahead = here.filter(({ instance }) => instance === instance_id).length;
        return sum + Math.max(0, available_capacity - ahead);
      }, 0);
      return { pool, room: free - here.filter(({ instance }) => instance === undefined).length };
    }),
  );
  return rooms.filter(({ room }) => room > 0).map(({ pool }) => pool);
}
