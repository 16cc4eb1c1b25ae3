import { ListTasksInputSchema, type ListTasksOutput } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { taskListing } from '../scan_status.ts';

/** Lists tasks, newest first. */
export const listTasks: Tool = defineTool({
  name: 'list_tasks',
  title: 'List scans',
  description:
    'Scans, newest first, by state, pool or targets. Use it to find a task_id, or to see whether a network was scanned before.',
  input: ListTasksInputSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run(
    { limit, status_filter, scanner_pool, target_filter },
    { tasks, registry },
  ): Promise<ListTasksOutput> {
    const pool = scanner_pool === undefined ? undefined : registry.requirePool(scanner_pool);
    const found = await tasks.list({ status: status_filter, pool, targets: target_filter });
    return { tasks: found.slice(0, limit).map(taskListing), total: found.length };
  },
});
