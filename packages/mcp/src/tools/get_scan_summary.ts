import { getScanSummary } from '@nmcp/scans';
import { GetScanSummaryInputSchema } from '@nmcp/types';
import { VIEW_URI } from '../app_view.ts';
import { defineTool } from '../define_tool.ts';
import { showAnswer } from '../scan_output.ts';
import type { Tool } from '../tool.ts';

/** Summarizes a scan. */
export const getScanSummaryTool: Tool = defineTool({
  operation: getScanSummary,
  title: 'Summary of a scan',
  description:
    'A completed scan in one answer: severity counts, worst hosts, plugins and CVEs, exploitable findings, whether the credentials worked. Read it first, then single findings with get_scan_results. filters narrow it; with group_by: counts instead, e.g. {"task_id": "...", "group_by": "fix", "filters": {"severity": ">=high"}}',
  input: GetScanSummaryInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  view: VIEW_URI,
  run: async (input, services, { caller }) => showAnswer(await getScanSummary(services, caller, input)),
});
