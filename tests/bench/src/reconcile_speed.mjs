import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRedisQueue } from '@nmcp/queue';
import { queuedTask } from '@nmcp/tasks';
import { newTaskId } from '@nmcp/types';
import { atMost, here, runJson } from './measure.mjs';

const FOLDERS = 10_000;
const ONE_IN_TEN_IS_OPEN = 10;

/** How long a worker that starts takes to hold 10,000 task directories against the queue. */
export async function reconcileSpeed(redisUrl, say) {
  const folder = mkdtempSync(join(tmpdir(), 'nmcp-bench-reconcile-'));
  const pool = `reconcile${process.pid}`;
  const queue = await createRedisQueue({ url: redisUrl });
  try {
    say(`${FOLDERS} task directories`);
    for (let i = 0; i < FOLDERS; i++) {
      const task = oldTask(pool, i % ONE_IN_TEN_IS_OPEN !== 0);
      mkdirSync(join(folder, task.task_id));
      writeFileSync(join(folder, task.task_id, 'task.json'), `${JSON.stringify(task, null, 2)}\n`);
    }
    const { ms, requeued } = runJson(process.execPath, [here('reconcile_once.mjs'), redisUrl, folder]);
    if (requeued !== FOLDERS / ONE_IN_TEN_IS_OPEN) throw new Error(`${requeued} tasks were put back`);
    return [atMost('start-up reconcile of 10,000 task directories', 's', ms / 1000, 10)];
  } finally {
    await queue.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function oldTask(pool, isDone) {
  const created_at = '2026-01-01T00:00:00.000Z';
  const task = queuedTask({
    task_id: newTaskId('nessus'),
    trace_id: 'bench',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: pool,
    scanner_instance_id: null,
    payload: { targets: '10.0.0.0/24', name: 'bench', description: '', schema_profile: 'brief' },
    created_at,
  });
  return isDone ? { ...task, status: 'completed', started_at: created_at, completed_at: created_at } : task;
}
