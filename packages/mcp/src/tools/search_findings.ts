import { searchFindings } from '@nmcp/scans';
import { SearchFindingsInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import { showAnswer, showLines } from '../scan_output.ts';
import type { Tool } from '../tool.ts';

/** Finds findings over all scans. */
export const searchFindingsTool: Tool = defineTool({
  operation: searchFindings,
  title: 'Findings over time',
  description:
    'Findings over all scans, most urgent first: since when, still open, really fixed (only where a later scan looked), overdue, and which scans say so; not_looked says why nobody knows. E.g. {"filters": {"cve": "CVE-2021-44228"}} for where it is, {"since": "2026-01-26"} for what is new, {"state": "fixed"}',
  input: SearchFindingsInputSchema,
  answers: 'text',
  annotations: { idempotentHint: true, openWorldHint: false },
  async run(input, services, { caller, signal }) {
    const found = await searchFindings(services, caller, input, signal);
    return 'lines' in found ? showLines(found.lines).join('\n') : JSON.stringify(showAnswer(found));
  },
});
