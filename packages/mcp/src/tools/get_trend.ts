import { getTrend } from '@nmcp/scans';
import { GetTrendInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import type { Tool } from '../tool.ts';

/** Findings by week. */
export const getTrendTool: Tool = defineTool({
  operation: getTrend,
  title: 'Better or worse',
  description:
    'Findings by week over all scans: new, fixed, reopened, open at its end, hosts that were reached; days to fix by severity. E.g. {"network": "10.0.0.0/8"}',
  input: GetTrendInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  run: (input, services, { caller, signal }) => getTrend(services, caller, input, signal),
});
