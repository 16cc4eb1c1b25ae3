import { queuedTask } from '@nmcp/tasks';
import { newTaskId } from '@nmcp/types';

/** A task that waits in a pool. */
export function benchTask({
  pool = 'nessus',
  targets = '10.0.0.0/24',
  name = 'bench',
  createdAt = new Date().toISOString(),
} = {}) {
  return queuedTask({
    task_id: newTaskId('nessus'),
    trace_id: 'bench',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: pool,
    scanner_instance_id: null,
    payload: { targets, name, description: '', schema_profile: 'brief' },
    created_at: createdAt,
  });
}

/** One that was completed at once. */
export function completedTask(options) {
  const task = benchTask(options);
  return { ...task, status: 'completed', started_at: task.created_at, completed_at: task.created_at };
}
