import type { TaskQueue } from '@nmcp/queue';
import { type Clock, isoTime, NmcpError, parseTime, type Task, type TaskId } from '@nmcp/types';
import { entryOf } from './entry_of.ts';
import type { TaskStore } from './task_store.ts';

/** What deciding works with. */
export interface ApprovalContext {
  tasks: TaskStore;
  queue: TaskQueue;
  clock: Clock;
}

/**
 * Says yes to a task that waits for it: it goes into its queue. Saying so again changes nothing.
 *
 * @throws {NmcpError} `not_found`, `conflict` when it does not wait for a yes, `unavailable`, `storage`
 */
export async function approveTask(context: ApprovalContext, id: TaskId, by: string): Promise<Task> {
  const { tasks, queue, clock } = context;
  const task = await waiting(tasks, id, clock());
  const approved = await decide(context, task, (before) => ({
    ...before,
    approval: { ...task.approval, state: 'approved', by },
  }));
  // should this get lost, the reconciler finds a queued task that no queue has
  await queue.enqueue(entryOf(approved));
  return approved;
}

/** Says no. @throws {NmcpError} as {@linkcode approveTask} */
export async function refuseTask(context: ApprovalContext, id: TaskId, by: string): Promise<Task> {
  const task = await waiting(context.tasks, id, context.clock());
  return await decide(context, task, (before) =>
    ended(before, { ...task.approval, state: 'refused', by }, context.clock(), `Refused by ${by}`, 'refused'),
  );
}

/** Ends a task whose time to be approved is over. @returns undefined when it is not */
export async function expireApproval(context: ApprovalContext, task: Task): Promise<Task | undefined> {
  const { approval } = task;
  if (approval?.state !== 'pending' || parseTime(approval.expires_at) > context.clock()) return undefined;
  return await decide(context, task, (before) =>
    ended(
      before,
      { ...approval, state: 'expired' },
      context.clock(),
      'Nobody approved it in time',
      'approval_expired',
    ),
  );
}

type WaitingTask = Task & { approval: NonNullable<Task['approval']> };

async function waiting(tasks: TaskStore, id: TaskId, now: number): Promise<WaitingTask> {
  const task = await tasks.read(id);
  const { approval } = task;
  if (approval?.state === 'pending' && task.status === 'queued' && parseTime(approval.expires_at) > now)
    return { ...task, approval };
  const state = approval === undefined ? 'needs no approval' : `is ${approval.state}`;
  throw new NmcpError('conflict', `Task ${id} ${state}, and its status is ${task.status}`, {
    title: 'Conflict',
  });
}

/** Nobody holds such a task, and every earlier fence was smaller than the time. */
function decide(
  { tasks, clock }: ApprovalContext,
  task: Task,
  change: (before: Task) => Task,
): Promise<Task> {
  return tasks.change(task.task_id, Math.max(clock(), task.lease_fence ?? 0), (before) => {
    if (before.approval?.state !== 'pending')
      throw new NmcpError('conflict', `Task ${task.task_id} was decided by somebody else meanwhile`);
    return change(before);
  });
}

function ended(
  { payload: { credentials: _, ...payload }, ...task }: Task,
  approval: WaitingTask['approval'],
  now: number,
  error_message: string,
  failure_reason: string,
): Task {
  return {
    ...task,
    payload,
    approval,
    status: 'failed',
    completed_at: isoTime(now),
    error_message,
    failure_reason,
  };
}
