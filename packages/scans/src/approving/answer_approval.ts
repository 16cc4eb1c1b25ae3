import { type Caller, hasScope, owns } from '@nmcp/access';
import { isNmcpError, NmcpError } from '@nmcp/types';
import { mayCall, type Operation, operation } from '../operation.ts';
import { requireOwnTask, requireVisibleTask } from '../ownership.ts';
import type { Services } from '../services.ts';
import { approvalNeed } from '../submitting/admit_task.ts';
import type { ApprovalQuestion, SubmittedScan } from '../submitting/submission.ts';
import { approvalOutcome, questionOf, queuedOutcome, refusedOutcome } from '../submitting/submitted_scan.ts';
import { approve, type PendingTask, refuse, requirePendingApproval } from './approve_scan.ts';

/** A person's answer; `nothing` if the question was dismissed, or nobody was there. */
export type ApprovalAnswer = 'yes' | 'no' | 'nothing';

/** An answer to the question of a submission. */
export interface AnswerApprovalInput {
  task_id: string;
  answer: ApprovalAnswer;
  /** Where the person was asked, such as `the client`. */
  asked_in: string;
}

/**
 * Carries out the answer of the person who submitted a scan.
 *
 * @throws {NmcpError} `not_found`; `conflict` when it was decided otherwise meanwhile; `policy_denied` when only an operator
 *   may decide; `unavailable`, `storage`
 */
export const answerApproval: Operation<AnswerApprovalInput, SubmittedScan> = operation(
  { name: 'answer_approval', scope: 'scan', changes: true },
  async (services, caller, { task_id, answer, asked_in }) => {
    const task = await requireOwnTask(services.tasks, task_id, caller);
    if (answer === 'nothing')
      return approvalOutcome(task, { reason: task.approval?.reason ?? '', by: 'operator' });
    const pending = await requirePendingApproval(services, task);
    const by = `${caller.name} (asked in ${asked_in})`;
    if (answer === 'no') return refusedOutcome(await refuse(services, pending, by));
    await requireOwnDecision(services, caller, pending);
    const approved = await approve(services, pending, by);
    return await queuedOutcome(services, approved, await services.queue.depth(approved.scanner_pool));
  },
);

/** The policy may require an operator, possibly only since a reload after the question was asked. */
async function requireOwnDecision(services: Services, caller: Caller, task: PendingTask): Promise<void> {
  if (hasScope(caller, 'admin')) return;
  const { scanner_pool: pool, owner = '', payload } = task;
  const { targets } = await services.policy.admit({ targets: payload.targets, pool, caller: owner });
  if (approvalNeed(services, task, targets)?.by !== 'operator') return;
  throw new NmcpError(
    'policy_denied',
    `Task ${task.task_id} needs an operator's approval: ${task.approval.reason}`,
    { title: 'Not allowed' },
  );
}

/**
 * The question about a scan that waits for approval, for a caller who may answer it.
 *
 * @returns undefined when it waits for none, or for somebody else's
 * @throws {NmcpError} `not_found`
 */
export const findApprovalQuestion: Operation<{ task_id: string }, ApprovalQuestion | undefined> = operation(
  { name: 'find_approval_question', scope: 'read' },
  async (services, caller, { task_id }) => {
    const task = await requireVisibleTask(services.tasks, task_id, caller);
    if (task.approval?.state !== 'pending' || !owns(caller, task.owner)) return undefined;
    if (!mayCall(services, caller, answerApproval)) return undefined;
    try {
      await requireOwnDecision(services, caller, await requirePendingApproval(services, task));
      return questionOf(task);
    } catch (error) {
      if (isNmcpError(error)) return undefined; // it has expired, or the policy no longer allows it
      throw error;
    }
  },
);
