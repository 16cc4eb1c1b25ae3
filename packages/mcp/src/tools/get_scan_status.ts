import { expireApproval } from '@nmcp/tasks';
import { GetScanStatusInputSchema } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { TASK_SHAPE } from '../output_shape.ts';
import { ownTask } from '../own_task.ts';
import { scanStatus } from '../scan_status.ts';

/** Says how far a scan is. */
export const getScanStatus: Tool = defineTool({
  name: 'get_scan_status',
  title: 'Status of a scan',
  description:
    'How far a scan is, now: state, progress, and when completed the severity counts and whether the credentials worked. To wait for it use wait_for_scan; for findings get_scan_summary. E.g. {"task_id": "..."}',
  input: GetScanStatusInputSchema,
  output: {
    ...TASK_SHAPE,
    name: 'string',
    targets: 'string',
    progress: 'number?',
    results_summary: 'object|null',
    authentication_status: 'string|null',
    error_message: 'string|null',
  },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'read',
  toolsets: ['scan', 'results'],
  async run({ task_id }, services, { caller }) {
    const task = await ownTask(services.tasks, task_id, caller);
    // workers look once a minute; who asks shall not read that it still waits
    return scanStatus((await expireApproval(services, task)) ?? task);
  },
});
