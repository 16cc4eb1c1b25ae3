import { compareScans } from '@nmcp/results';
import { CompareScansInputSchema } from '@nmcp/types';
import { VIEW_URI } from '../app_view.ts';
import { defineTool, type Tool } from '../define_tool.ts';
import { completedTask } from '../own_task.ts';
import { showAnswer } from '../scan_output.ts';

/** Compares two scans. */
export const compareScansTool: Tool = defineTool({
  name: 'compare_scans',
  title: 'Compare two scans',
  description:
    'What changed between two completed scans of the same targets: new, fixed and persisting findings by severity, the worst of them, hosts with most changes. A finding is the same when host, port, protocol and plugin are. Not for scans of different targets. E.g. {"earlier_task_id": "...", "later_task_id": "..."}',
  input: CompareScansInputSchema,
  output: { notice: 'string' },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'read',
  toolsets: ['results'],
  view: VIEW_URI,
  async run({ earlier_task_id, later_task_id, top }, { tasks, results }, { caller }) {
    const earlier = await completedTask(tasks, earlier_task_id, caller);
    const later = await completedTask(tasks, later_task_id, caller);
    const before = await results.open(tasks.paths(earlier.task_id).native);
    const after = await results.open(tasks.paths(later.task_id).native);
    return showAnswer({
      earlier_task_id: earlier.task_id,
      later_task_id: later.task_id,
      ...compareScans(before, after, { top }),
    });
  },
});
