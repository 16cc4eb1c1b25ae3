import type { QueueEntry, Task } from '@nmcp/types';

/** A task as it stands in its queue: without its credentials, which are in task.json alone. */
export function entryOf(task: Task): QueueEntry {
  const { task_id, trace_id, scan_type, scanner_pool, scanner_instance_id, traceparent } = task;
  const { credentials: _, ...payload } = task.payload;
  const entry = { task_id, trace_id, scan_type, scanner_pool, scanner_instance_id, payload };
  return traceparent === undefined ? entry : { ...entry, traceparent };
}
