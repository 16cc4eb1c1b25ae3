import { expireApproval, followTask } from '@nmcp/tasks';
import { isFinal, type Task, type TaskId, WaitForScanInputSchema } from '@nmcp/types';
import { defineTool, type Tool, type ToolCall } from '../define_tool.ts';
import { TASK_SHAPE } from '../output_shape.ts';
import { ownTask } from '../own_task.ts';
import { scanStatus } from '../scan_status.ts';
import type { Services } from '../services.ts';

/** Waits for news of a scan. */
export const waitForScan: Tool = defineTool({
  name: 'wait_for_scan',
  title: 'Wait for a scan',
  description:
    'Wait until a scan changes its state or progress, or with until "end" until it has ended, at most timeout_seconds; then answers like get_scan_status, with changed. Call it again until status is completed, failed or timeout, in place of asking get_scan_status over and over. E.g. {"task_id": "...", "until": "end"}',
  input: WaitForScanInputSchema,
  output: { ...TASK_SHAPE, changed: 'boolean', progress: 'number?', error_message: 'string|null' },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'read',
  toolsets: ['scan', 'results'],
  async run({ task_id, until, timeout_seconds }, services, call) {
    const first = await ownTask(services.tasks, task_id, call.caller);
    const task = await waitForChange(first, until, timeout_seconds * 1000, services, call);
    const changed = task.status !== first.status || task.progress !== first.progress;
    const shown = (await expireApproval(services, task)) ?? task;
    return { ...scanStatus(shown), changed, ...nextStep(shown) };
  },
});

async function waitForChange(
  first: Task,
  until: 'change' | 'end',
  ms: number,
  { tasks }: Services,
  { signal, report }: ToolCall,
): Promise<Task> {
  let task = first;
  const ends = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  for await (const now of followTask(tasks, first.task_id as TaskId, { signal: ends })) {
    task = now;
    await report(
      now.progress ?? 0,
      100,
      `${now.status}${now.status === 'running' ? ` ${now.progress ?? 0} %` : ''}`,
    );
    const isNews = now.status !== first.status || now.progress !== first.progress;
    if (until === 'change' && isNews) break;
  }
  signal.throwIfAborted();
  return task;
}

function nextStep(task: Task): { next: string } {
  if (task.status === 'completed')
    return { next: 'Read get_scan_summary, then get_scan_results with filters.' };
  if (isFinal(task.status)) return { next: 'error_message says why; submit it again when that is mended.' };
  return { next: 'Call wait_for_scan again.' };
}
