import { compareScans } from '@nmcp/scans';
import { CompareScansInputSchema } from '@nmcp/types';
import { VIEW_URI } from '../app_view.ts';
import { defineTool } from '../define_tool.ts';
import { showAnswer } from '../scan_output.ts';
import type { Tool } from '../tool.ts';

/** Compares two scans. */
export const compareScansTool: Tool = defineTool({
  operation: compareScans,
  title: 'Compare two scans',
  description:
    'What changed between two completed scans of the same targets: new, fixed, changed and persisting findings of the hosts in both, the hosts that are gone or added, and under not_looked what the later scan could not see any more (login worse, port or plugin not in its settings) and so may still be there. E.g. {"earlier_task_id": "...", "later_task_id": "...", "severity": ">=high"}',
  input: CompareScansInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  view: VIEW_URI,
  async run(input, services, { caller }) {
    const { earlier, later, comparison } = await compareScans(services, caller, input);
    return showAnswer({ earlier_task_id: earlier.task_id, later_task_id: later.task_id, ...comparison });
  },
});
