import { listPools } from '@nmcp/scans';
import { NoInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import type { Tool } from '../tool.ts';

/** Lists the scanner pools. */
export const listPoolsTool: Tool = defineTool({
  operation: listPools,
  title: 'List scanner pools',
  description:
    'Names of the scanner pools, for scanner_pool in other calls. Not needed where there is one. E.g. {}',
  input: NoInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  run: (input, services, { caller }) => listPools(services, caller, input),
});
