import { getPoolStatus } from '@nmcp/scans';
import { PoolInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import type { Tool } from '../tool.ts';

/** Says how busy a pool is. */
export const getPoolStatusTool: Tool = defineTool({
  operation: getPoolStatus,
  title: 'Load of a scanner pool',
  description:
    'Capacity and load of a scanner pool, in all and by scanner; for what waits use get_queue_status. E.g. {"scanner_pool": "nessus"}',
  input: PoolInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  run: (input, services, { caller }) => getPoolStatus(services, caller, input),
});
