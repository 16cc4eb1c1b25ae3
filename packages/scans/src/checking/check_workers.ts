import { countWorkers } from '@nmcp/queue';
import type { Services } from '../services.ts';
import { type CheckResult, ok, warning } from './check_result.ts';

/** What starts a worker. */
export const START_A_WORKER =
  'Start one: node apps/worker/bin/main.js with the same REDIS_URL and DATA_DIR, or nmcp serve, which has one in it';

/** Whether each of these pools has a worker that takes its tasks. @throws {NmcpError} `unavailable` */
export async function checkWorkers(
  { queue }: Pick<Services, 'queue'>,
  pools: readonly string[],
): Promise<CheckResult[]> {
  const counts = await countWorkers(queue.slots, pools);
  return pools.map((pool, i) => {
    const count = counts[i] ?? 0;
    const found =
      count === 0
        ? warning('workers', `no worker has been seen that takes tasks of the pool ${pool}`, START_A_WORKER)
        : ok('workers', `${count} of the pool ${pool}`);
    return { ...found, pool };
  });
}
