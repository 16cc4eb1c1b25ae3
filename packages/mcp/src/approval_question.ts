import { cleanText } from '@nmcp/schema';
import { approveTask, refuseTask } from '@nmcp/tasks';
import type { SubmitScanOutput, Task, TaskId } from '@nmcp/types';
import type { ToolCall } from './define_tool.ts';
import { ownTask } from './own_task.ts';
import type { Services } from './services.ts';
import { queuedAnswer, waitingAnswer } from './submission_answer.ts';

/** What a person at a client has said; `nothing` when the question was closed, or nobody was there. */
export type PersonAnswer = 'yes' | 'no' | 'nothing';

/** A question to the person at the client, in place of a tool's answer. The task that it is about is written already. */
export class ApprovalQuestion {
  readonly taskId: TaskId;
  /** What the person reads. */
  readonly message: string;

  constructor(task: Task) {
    this.taskId = task.task_id;
    this.message = describe(task);
  }
}

const MAX_SHOWN = 300;

/** The words of a model, quoted on one line each, so that they cannot pass for ours. */
function describe({ task_id, payload, scan_type, scanner_pool, approval }: Task): string {
  const quoted = (text: string): string => JSON.stringify(cleanText(text, MAX_SHOWN));
  return [
    `May this scan run? It needs your yes, since ${cleanText(approval?.reason ?? 'the policy asks for it')}.`,
    `Targets: ${quoted(payload.targets)}`,
    `Name: ${quoted(payload.name)}`,
    `Kind: ${scan_type}, in the pool ${scanner_pool}`,
    `Task: ${task_id}`,
  ].join('\n');
}

/**
 * Does what the person said.
 *
 * @throws {NmcpError} `not_found`; `conflict` when it was decided otherwise meanwhile; `unavailable`, `storage`
 */
export async function decideApproval(
  taskId: TaskId,
  answer: PersonAnswer,
  services: Services,
  { caller }: Pick<ToolCall, 'caller'>,
): Promise<SubmitScanOutput> {
  const { audit, log, metrics, queue, tasks } = services;
  const task = await ownTask(tasks, taskId, caller);
  if (answer === 'nothing') return waitingAnswer(task, howToApprove(task));
  const by = `${caller.name} (asked in the client)`;
  await audit.append({
    action: 'scan.approve',
    decision: answer === 'yes' ? 'allowed' : 'denied',
    caller: by,
    owner: task.owner ?? '',
    task_id: taskId,
    pool: task.scanner_pool,
    targets: task.payload.targets,
  });
  log.info({ task_id: taskId, trace_id: task.trace_id, answer }, 'a person was asked');
  if (answer === 'no') {
    const refused = await refuseTask(services, taskId, by);
    return waitingAnswer(refused, 'The user said no, so the scan does not run. Do not submit it again.');
  }
  const approved = await approveTask(services, taskId, by);
  metrics.scans.inc({ scan_type: approved.scan_type, status: 'queued' });
  const depth = await queue.depth(approved.scanner_pool);
  return { ...(await queuedAnswer(approved, depth, services)), approval: 'approved' };
}

/** What to tell the user of a task that nobody has decided about. */
export function howToApprove({ task_id, approval }: Task): string {
  return `The scan waits for a person's yes, since ${approval?.reason}. Tell the user to run: nmcp-admin approve ${task_id}. Follow it with get_scan_status.`;
}
