import { type ListPoolsOutput, NoInputSchema } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { ownPools } from '../own_task.ts';

/** Lists the scanner pools. */
export const listPools: Tool = defineTool({
  name: 'list_pools',
  title: 'List scanner pools',
  description:
    'Names of the scanner pools, for scanner_pool in other calls. Not needed where there is one. E.g. {}',
  input: NoInputSchema,
  output: { pools: 'array', default_pool: 'string' },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'read',
  toolsets: ['infrastructure', 'scan'],
  run: async (_input, { registry }, { caller }): Promise<ListPoolsOutput> => ({
    pools: ownPools(registry, caller),
    default_pool: registry.defaultPool,
  }),
});
