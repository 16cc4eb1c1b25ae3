import { changePending, endedTask } from '@nmcp/tasks';
import { NmcpError, parseTime, type Task } from '@nmcp/types';
import { enqueueTask } from '../enqueue_task.ts';
import { type Operation, operation } from '../operation.ts';
import { requireOwnTask } from '../ownership.ts';
import type { Services } from '../services.ts';

/** A decision about a scan that waits for approval. */
export interface ApprovalInput {
  task_id: string;
  /** Who decided, for the audit log and the task. @default the caller's name */
  by?: string | undefined;
}

/** A task that waits for approval. */
export type PendingTask = Task & { approval: NonNullable<Task['approval']> };

/**
 * Approves a scan: it goes into its queue.
 *
 * @throws {NmcpError} `not_found`; `conflict` when it does not wait for approval; `unavailable`, `storage`
 */
export const approveScan: Operation<ApprovalInput, Task> = operation(
  { name: 'approve_scan', scope: 'admin', changes: true },
  async (services, caller, { task_id, by = caller.name }) =>
    approve(
      services,
      await requirePendingApproval(services, await requireOwnTask(services.tasks, task_id, caller)),
      by,
    ),
);

/** Refuses a scan, which ends it. @throws {NmcpError} as {@linkcode approveScan} */
export const refuseScan: Operation<ApprovalInput, Task> = operation(
  { name: 'refuse_scan', scope: 'admin', changes: true },
  async (services, caller, { task_id, by = caller.name }) =>
    refuse(
      services,
      await requirePendingApproval(services, await requireOwnTask(services.tasks, task_id, caller)),
      by,
    ),
);

/** A task that can be approved or refused now. @throws {NmcpError} `conflict` */
export async function requirePendingApproval(
  { clock }: Pick<Services, 'clock'>,
  task: Task,
): Promise<PendingTask> {
  const { approval, status, task_id } = task;
  const isWaiting = approval?.state === 'pending' && status === 'queued';
  if (isWaiting && parseTime(approval.expires_at) > clock()) return { ...task, approval };
  const state = approval === undefined ? 'needs no approval' : `is ${approval.state}`;
  throw new NmcpError('conflict', `Task ${task_id} ${state}, and its status is ${status}`, {
    title: 'Conflict',
  });
}

/** Approves. The decision is audited before it is carried out. */
export async function approve(services: Services, task: PendingTask, by: string): Promise<Task> {
  const { tasks } = services;
  await note(services, task, by, 'allowed');
  const approved = await changePending(tasks, task, (before) => ({
    ...before,
    approval: { ...task.approval, state: 'approved', by },
  }));
  await enqueueTask(services, approved);
  return approved;
}

/** Refuses; see {@linkcode approve}. */
export async function refuse(services: Services, task: PendingTask, by: string): Promise<Task> {
  const { tasks, clock } = services;
  await note(services, task, by, 'denied');
  return await changePending(tasks, task, (before) => ({
    ...endedTask(before, {
      status: 'failed',
      at: clock(),
      error_message: `Refused by ${by}`,
      failure_reason: 'refused',
    }),
    approval: { ...task.approval, state: 'refused', by },
  }));
}

async function note(
  { audit, log }: Services,
  { task_id, trace_id, owner = '', scanner_pool: pool, payload }: Task,
  by: string,
  decision: 'allowed' | 'denied',
): Promise<void> {
  const { targets } = payload;
  await audit.append({ action: 'scan.approve', decision, caller: by, owner, task_id, pool, targets });
  log.info({ task_id, trace_id, decision }, 'approval decided');
}
