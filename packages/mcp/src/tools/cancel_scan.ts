import { cancelTask } from '@nmcp/tasks';
import { CancelScanInputSchema } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { TASK_SHAPE } from '../output_shape.ts';
import { ownTask } from '../own_task.ts';

const MESSAGES = {
  canceled: 'The scan was taken out of the queue and never ran.',
  requested:
    'The scan is being stopped; get_scan_status says failed with failure_reason canceled when it is.',
  ended: 'The scan had ended before; nothing was changed.',
};

/** Cancels a scan. */
export const cancelScan: Tool = defineTool({
  name: 'cancel_scan',
  title: 'Cancel a scan',
  description:
    'Stop a scan that is queued or running; its findings so far are not kept. Not for a scan that was imported: it goes on at the scanner. Canceling one that has ended changes nothing. E.g. {"task_id": "..."}',
  input: CancelScanInputSchema,
  output: { ...TASK_SHAPE, outcome: 'string', message: 'string' },
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'scan',
  toolsets: ['scan'],
  async run({ task_id }, services, { caller }) {
    const own = await ownTask(services.tasks, task_id, caller);
    const { kind, task } = await cancelTask(services, own.task_id);
    await services.audit.append({
      action: 'scan.cancel',
      caller: caller.name,
      decision: 'allowed',
      task_id: task.task_id,
      outcome: kind,
    });
    services.log.info({ task_id: task.task_id, outcome: kind }, 'cancel asked for');
    return { task_id: task.task_id, status: task.status, outcome: kind, message: MESSAGES[kind] };
  },
});
