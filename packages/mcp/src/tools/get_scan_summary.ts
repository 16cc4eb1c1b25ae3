import { groupFindings, refuseHostWords, summarizeScan } from '@nmcp/results';
import { GetScanSummaryInputSchema, NmcpError } from '@nmcp/types';
import { VIEW_URI } from '../app_view.ts';
import { defineTool, type Tool } from '../define_tool.ts';
import { completedTask } from '../own_task.ts';
import { showAnswer } from '../scan_output.ts';

/** Sums a scan up. */
export const getScanSummary: Tool = defineTool({
  name: 'get_scan_summary',
  title: 'Summary of a scan',
  description:
    'A completed scan in one answer: severity counts, worst hosts, plugins and CVEs, exploitable findings, whether the credentials worked. Read it first, then single findings with get_scan_results. With group_by: counts instead, e.g. {"task_id": "...", "group_by": "host", "filters": {"severity": ">=3"}}',
  input: GetScanSummaryInputSchema,
  output: {
    task_id: 'string',
    findings: 'number?',
    hosts: 'number?',
    severity_breakdown: 'object?',
    groups: 'array?',
    notice: 'string',
  },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'read',
  toolsets: ['results'],
  view: VIEW_URI,
  async run({ task_id, group_by, filters, top }, { tasks, results, lockdown }, { caller }) {
    refuseHostWords([group_by, filters], { lockdown });
    const task = await completedTask(tasks, task_id, caller);
    if (filters !== undefined && group_by === undefined) {
      throw new NmcpError(
        'invalid_input',
        'filters go with group_by; to read filtered findings use get_scan_results',
        { title: 'Invalid input' },
      );
    }
    const index = await results.open(tasks.paths(task.task_id).native);
    if (group_by !== undefined)
      return showAnswer({
        task_id: task.task_id,
        group_by,
        ...groupFindings(index, group_by, { filters, top }),
      });
    return showAnswer({ task_id: task.task_id, ...summarizeScan(index) });
  },
});
