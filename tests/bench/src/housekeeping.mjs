import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queuedTask } from '@nmcp/tasks';
import { newTaskId } from '@nmcp/types';
import { atMost, here, runJson } from './measure.mjs';

const FOLDERS = 10_000;

/** How long the housekeeping takes over 10,000 task directories, half of which go, and for how long it holds up all else. */
export async function housekeeping(say) {
  const folder = mkdtempSync(join(tmpdir(), 'nmcp-bench-house-'));
  try {
    say(`${FOLDERS} task directories, half of them expired`);
    for (let i = 0; i < FOLDERS; i++) {
      const task = endedTask(i % 2 === 0 ? '2026-01-01T00:00:00.000Z' : new Date().toISOString());
      mkdirSync(join(folder, task.task_id));
      writeFileSync(join(folder, task.task_id, 'task.json'), `${JSON.stringify(task, null, 2)}\n`);
      writeFileSync(join(folder, task.task_id, 'scan_native.nessus'), 'x'.repeat(10_000));
    }
    const { ms, blockedMs, expired } = runJson(process.execPath, [here('housekeeping_once.mjs'), folder]);
    if (expired !== FOLDERS / 2) throw new Error(`${expired} tasks were removed`);
    return [
      atMost('housekeeping over 10,000 task directories', 's', ms / 1000, 10),
      atMost('longest time that it blocked the event loop', 'ms', blockedMs, 50),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function endedTask(at) {
  const task = queuedTask({
    task_id: newTaskId('nessus'),
    trace_id: 'bench',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: 'nessus',
    scanner_instance_id: null,
    payload: { targets: '10.0.0.0/24', name: 'bench', description: '', schema_profile: 'brief' },
    created_at: at,
  });
  return { ...task, status: 'completed', started_at: at, completed_at: at };
}
