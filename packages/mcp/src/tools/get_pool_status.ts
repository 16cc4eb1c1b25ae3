import { PoolInputSchema } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';

/** Says how busy a pool is. */
export const getPoolStatus: Tool = defineTool({
  name: 'get_pool_status',
  title: 'Load of a scanner pool',
  description: 'Capacity and load of a scanner pool, in all and by scanner.',
  input: PoolInputSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  run: ({ scanner_pool }, { registry }) => registry.status(registry.requirePool(scanner_pool)),
});
