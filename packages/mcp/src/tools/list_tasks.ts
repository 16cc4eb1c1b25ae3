import { owns } from '@nmcp/access';
import { ListTasksInputSchema, type ListTasksOutput } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { ownPool } from '../own_task.ts';
import { taskListing } from '../scan_status.ts';

/** Lists tasks, newest first. */
export const listTasks: Tool = defineTool({
  name: 'list_tasks',
  title: 'List scans',
  description:
    'Scans, newest first, by state, pool or targets. Use it to find a task_id, or to see whether a network was scanned before. E.g. {"target_filter": "10.0.0.7", "status_filter": "completed"}',
  input: ListTasksInputSchema,
  output: { tasks: 'array', total: 'number' },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'read',
  toolsets: ['scan', 'results'],
  async run(
    { limit, status_filter, scanner_pool, target_filter },
    { tasks, registry },
    { caller },
  ): Promise<ListTasksOutput> {
    const pool = scanner_pool === undefined ? undefined : ownPool(registry, scanner_pool, caller);
    const all = await tasks.list({ status: status_filter, pool, targets: target_filter });
    const found = all.filter((task) => owns(caller, task.owner));
    return { tasks: found.slice(0, limit).map(taskListing), total: found.length };
  },
});
