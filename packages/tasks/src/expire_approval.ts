import { NmcpError, parseTime, type Task } from '@nmcp/types';
import { endedTask } from './ended_task.ts';
import type { TaskStore } from './task_store.ts';

/**
 * Ends a task that nobody approved in time.
 *
 * @param now milliseconds since 1970
 * @returns undefined when its time is not over, or it needs no approval
 * @throws {NmcpError} `conflict` when it was decided meanwhile; `storage`
 */
export async function expireApproval(tasks: TaskStore, task: Task, now: number): Promise<Task | undefined> {
  const { approval } = task;
  if (approval?.state !== 'pending' || parseTime(approval.expires_at) > now) return undefined;
  return await changePending(tasks, task, (before) => ({
    ...endedTask(before, {
      status: 'failed',
      at: now,
      error_message: 'Nobody approved it in time',
      failure_reason: 'approval_expired',
    }),
    approval: { ...approval, state: 'expired' },
  }));
}

/**
 * Changes a task that waits for approval, if it still does.
 *
 * @throws {NmcpError} `conflict` when it was decided meanwhile; `not_found`, `storage`
 */
export function changePending(
  tasks: TaskStore,
  { task_id }: Task,
  change: (before: Task) => Task,
): Promise<Task> {
  return tasks.change(task_id, undefined, (before) => {
    if (before.approval?.state !== 'pending' || before.status !== 'queued')
      throw new NmcpError('conflict', `Task ${task_id} was decided by somebody else meanwhile`);
    return change(before);
  });
}
