import { cancelScan } from '@nmcp/scans';
import { CancelScanInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import type { Tool } from '../tool.ts';

const MESSAGES = {
  canceled: 'The scan was taken out of the queue and never ran.',
  requested: 'The scan is being stopped; wait_for_scan says failed with failure_reason canceled when it is.',
  ended: 'The scan had already ended; nothing was changed.',
};

/** Cancels a scan. */
export const cancelScanTool: Tool = defineTool({
  operation: cancelScan,
  title: 'Cancel a scan',
  description:
    'Stop a scan that is queued or running; its findings so far are not kept. Not for a scan that was imported: it goes on at the scanner. Canceling one that has ended changes nothing. E.g. {"task_id": "..."}',
  input: CancelScanInputSchema,
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async run(input, services, { caller }) {
    const { outcome, task } = await cancelScan(services, caller, input);
    return { task_id: task.task_id, status: task.status, outcome, message: MESSAGES[outcome] };
  },
});
