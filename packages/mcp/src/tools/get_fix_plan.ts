import { getFixPlan } from '@nmcp/scans';
import { GetFixPlanInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import { showAnswer } from '../scan_output.ts';
import type { Tool } from '../tool.ts';

/** Says what to fix first. */
export const getFixPlanTool: Tool = defineTool({
  operation: getFixPlan,
  title: 'What to fix first',
  description:
    'The updates and steps that remove most of what matters over all scans, for the whole network or a part: findings and hosts that each clears, exploited and overdue ones, CVEs, where. E.g. {"owner": "Web team", "top": 5, "as": "ticket"}',
  input: GetFixPlanInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  run: async (input, services, { caller, signal }) =>
    showAnswer(await getFixPlan(services, caller, input, signal)),
});
