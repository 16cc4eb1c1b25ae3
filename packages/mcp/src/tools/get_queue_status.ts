import { owns } from '@nmcp/access';
import type { TaskStore } from '@nmcp/tasks';
import type { QueueEntry } from '@nmcp/types';
import {
  isoTime,
  PoolInputSchema,
  type QueuedTaskListing,
  type QueueStatusOutput,
  redactPayload,
  type TaskId,
} from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { ownPool } from '../own_task.ts';

const SHOWN = 3;

/** Says what waits in a pool's queue. */
export const getQueueStatus: Tool = defineTool({
  name: 'get_queue_status',
  title: 'Queue of a scanner pool',
  description:
    'How many scans wait in a pool, yours among the next three, and how many could not be run (dlq_size); for one scan use get_scan_status. E.g. {"scanner_pool": "nessus"}',
  input: PoolInputSchema,
  output: { pool: 'string', queue_depth: 'number', dlq_size: 'number', next_tasks: 'array' },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'read',
  toolsets: ['infrastructure'],
  async run({ scanner_pool }, { registry, queue, tasks, clock }, { caller }): Promise<QueueStatusOutput> {
    const pool = ownPool(registry, scanner_pool, caller);
    const [queue_depth, dlq_size, next] = await Promise.all([
      queue.depth(pool),
      queue.deadLetterCount(pool),
      queue.peek(pool, SHOWN),
    ]);
    const owners = await Promise.all(next.map(({ task_id }) => ownerOf(tasks, task_id)));
    const own = next.filter((_, i) => owns(caller, owners[i]));
    return { pool, queue_depth, dlq_size, next_tasks: own.map(shown), timestamp: isoTime(clock()) };
  },
});

/** A task whose directory is gone belongs to nobody. */
async function ownerOf(tasks: TaskStore, id: TaskId): Promise<string | undefined> {
  const task = await tasks.read(id).catch(() => undefined);
  return task?.owner;
}

function shown(entry: QueueEntry): QueuedTaskListing {
  const { task_id, trace_id, scan_type, scanner_pool, scanner_instance_id = null, payload } = entry;
  return { task_id, trace_id, scan_type, scanner_pool, scanner_instance_id, payload: redactPayload(payload) };
}
