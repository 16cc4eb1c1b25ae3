import { GetScanStatusInputSchema } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { ownTask } from '../own_task.ts';
import { scanStatus } from '../scan_status.ts';

/** Says how far a scan is. */
export const getScanStatus: Tool = defineTool({
  name: 'get_scan_status',
  title: 'Status of a scan',
  description:
    'How far a scan is: state, progress, and when it is completed the severity counts and whether the credentials worked.',
  input: GetScanStatusInputSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  scope: 'read',
  run: async ({ task_id }, { tasks }, { caller }) => scanStatus(await ownTask(tasks, task_id, caller)),
});
