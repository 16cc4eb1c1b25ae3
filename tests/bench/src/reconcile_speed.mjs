import { atMost, inTempFolder } from '@nmcp/test-support';
import { benchTask, completedTask } from './bench_task.mjs';
import { here, runJson } from './measure.mjs';
import { writeTask } from './write_task.mjs';

const FOLDERS = 10_000;
const ONE_IN_TEN_IS_OPEN = 10;

/** How long a worker that starts takes to hold 10,000 task directories against the queue. */
export function reconcileSpeed(redisUrl, say) {
  return inTempFolder((folder) => {
    say(`${FOLDERS} task directories`);
    const old = { pool: `reconcile${process.pid}`, createdAt: '2026-01-01T00:00:00.000Z' };
    for (let i = 0; i < FOLDERS; i++)
      writeTask(folder, i % ONE_IN_TEN_IS_OPEN === 0 ? benchTask(old) : completedTask(old));
    const { ms, requeued } = runJson(process.execPath, [here('reconcile_once.mjs'), redisUrl, folder]);
    if (requeued !== FOLDERS / ONE_IN_TEN_IS_OPEN) throw new Error(`${requeued} tasks were put back`);
    return [atMost('start-up reconcile of 10,000 task directories', 's', ms / 1000, 10)];
  });
}
