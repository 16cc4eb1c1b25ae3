import { getQueueStatus } from '@nmcp/scans';
import { PoolInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import type { Tool } from '../tool.ts';

/** Shows a pool's queue. */
export const getQueueStatusTool: Tool = defineTool({
  operation: getQueueStatus,
  title: 'Queue of a scanner pool',
  description:
    'How many scans wait in a pool, yours among the next three, and how many could not be run (dlq_size); for one scan use get_scan_status. E.g. {"scanner_pool": "nessus"}',
  input: PoolInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  run: (input, services, { caller }) => getQueueStatus(services, caller, input),
});
