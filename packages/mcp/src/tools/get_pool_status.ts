import { PoolInputSchema } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { ownPool } from '../own_task.ts';

/** Says how busy a pool is. */
export const getPoolStatus: Tool = defineTool({
  name: 'get_pool_status',
  title: 'Load of a scanner pool',
  description:
    'Capacity and load of a scanner pool, in all and by scanner; for what waits use get_queue_status. E.g. {"scanner_pool": "nessus"}',
  input: PoolInputSchema,
  output: {
    pool: 'string',
    total_capacity: 'number',
    total_active: 'number',
    available_capacity: 'number',
    scanners: 'array',
  },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'read',
  toolsets: ['infrastructure'],
  run: async ({ scanner_pool }, { registry }, { caller }) =>
    await registry.status(ownPool(registry, scanner_pool, caller)),
});
