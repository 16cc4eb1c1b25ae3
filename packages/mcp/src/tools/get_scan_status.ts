import { getScanStatus } from '@nmcp/scans';
import { GetScanStatusInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import { showStatus } from '../scan_output.ts';
import type { Tool } from '../tool.ts';

/** Shows a scan's status and progress. */
export const getScanStatusTool: Tool = defineTool({
  operation: getScanStatus,
  title: 'Status of a scan',
  description:
    'How far a scan is, now: state, progress, and when completed the severity counts and whether the credentials worked. To wait for it use wait_for_scan; for findings get_scan_summary. E.g. {"task_id": "..."}',
  input: GetScanStatusInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  run: async (input, services, { caller }) => showStatus(await getScanStatus(services, caller, input)),
});
