import { expireApproval } from '@nmcp/tasks';
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
  async run({ task_id }, services, { caller }) {
    const task = await ownTask(services.tasks, task_id, caller);
    // workers look once a minute; who asks shall not read that it still waits
    return scanStatus((await expireApproval(services, task)) ?? task);
  },
});
