import type { PoolName, QueuedTask, Task, TaskId } from '@nmcp/types';

/** What a new task is made of. */
export interface NewTask {
  task_id: TaskId;
  trace_id: string;
  scan_type: Task['scan_type'];
  scanner_type: string;
  scanner_pool: PoolName;
  scanner_instance_id: string | null;
  payload: Task['payload'];
  created_at: string;
}

/** A task that waits, as it is first written. */
export function queuedTask(content: NewTask): QueuedTask {
  return {
    ...content,
    status: 'queued',
    started_at: null,
    completed_at: null,
    nessus_scan_id: null,
    error_message: null,
    validation_stats: null,
    validation_warnings: null,
    authentication_status: null,
  };
}
