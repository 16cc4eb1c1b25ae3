import type { QueueEntry } from '@nmcp/types';
import {
  isoTime,
  PoolInputSchema,
  type QueuedTaskListing,
  type QueueStatusOutput,
  redactPayload,
} from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';

const SHOWN = 3;

/** Says what waits in a pool's queue. */
export const getQueueStatus: Tool = defineTool({
  name: 'get_queue_status',
  title: 'Queue of a scanner pool',
  description:
    'How many scans wait in a pool, the next three of them, and how many could not be run (dlq_size).',
  input: PoolInputSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ scanner_pool }, { registry, queue, clock }): Promise<QueueStatusOutput> {
    const pool = registry.requirePool(scanner_pool);
    const [queue_depth, dlq_size, next] = await Promise.all([
      queue.depth(pool),
      queue.deadLetterCount(pool),
      queue.peek(pool, SHOWN),
    ]);
    return { pool, queue_depth, dlq_size, next_tasks: next.map(shown), timestamp: isoTime(clock()) };
  },
});

function shown(entry: QueueEntry): QueuedTaskListing {
  const { task_id, trace_id, scan_type, scanner_pool, scanner_instance_id = null, payload } = entry;
  return { task_id, trace_id, scan_type, scanner_pool, scanner_instance_id, payload: redactPayload(payload) };
}
