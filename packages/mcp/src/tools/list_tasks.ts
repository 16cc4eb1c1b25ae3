import { briefListing, listScans, taskListing } from '@nmcp/scans';
import { ListTasksInputSchema, type ListTasksOutput } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import type { Tool } from '../tool.ts';

/** Lists tasks, newest first; for v3.0's clients with all of its fields. */
export const listTasksTool: Tool = defineTool({
  operation: listScans,
  title: 'List scans',
  description:
    'Scans, by when they ran, newest first, by state, pool or targets; long targets are folded. Use it to find a task_id, or to see whether a network was scanned before. E.g. {"target_filter": "10.0.0.7", "status_filter": "completed"}',
  input: ListTasksInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  async run(
    { limit, status_filter: status, scanner_pool, target_filter: targets, full_targets: fullTargets },
    services,
    { caller },
  ): Promise<ListTasksOutput> {
    const show = services.v3Clients ? taskListing : briefListing;
    const { tasks, total } = await listScans(services, caller, { status, scanner_pool, targets, limit });
    return { tasks: tasks.map((task) => show(task, { fullTargets })), total };
  },
});
