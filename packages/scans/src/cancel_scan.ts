import type { Caller } from '@nmcp/access';
import { CANCELED_MESSAGE, endedTask } from '@nmcp/tasks';
import { type CancelScanInput, isFinal, isoTime, type Task, type TaskId } from '@nmcp/types';
import { type Operation, operation } from './operation.ts';
import { requireOwnTask } from './ownership.ts';
import type { Services } from './services.ts';

/** The outcome of a cancellation. */
export interface CanceledScan {
  /**
   * - `canceled`: it was waiting, and never ran
   * - `requested`: its worker stops the scan at its next poll
   * - `ended`: it had already ended
   */
  outcome: 'canceled' | 'requested' | 'ended';
  task: Task;
}

/**
 * Cancels a scan: a waiting one leaves the queue, a running one is stopped by its worker. Canceling again changes nothing.
 *
 * @throws {NmcpError} `not_found`, `unavailable`, `storage`
 */
export const cancelScan: Operation<CancelScanInput, CanceledScan> = operation(
  { name: 'cancel_scan', scope: 'scan', toolsets: ['scan'], changes: true },
  async (services, caller, { task_id }) => {
    const { tasks, audit, log } = services;
    const { task_id: id } = await requireOwnTask(tasks, task_id, caller);
    const canceled = await cancel(services, caller, id);
    const { outcome } = canceled;
    await audit.append({
      action: 'scan.cancel',
      caller: caller.name,
      decision: 'allowed',
      task_id: id,
      outcome,
    });
    log.info({ task_id: id, outcome }, 'cancellation requested');
    return canceled;
  },
);

/**
 * What waits ends here and now. For what runs, the request becomes part of the task: every later change of it, and so every
 * intent to create or launch its scan, sees the request before it counts.
 */
async function cancel(
  { tasks, queue, clock }: Services,
  { name: by }: Caller,
  id: TaskId,
): Promise<CanceledScan> {
  let found: Task | undefined;
  const task = await tasks.change(id, undefined, (before) => {
    found = before;
    if (isFinal(before.status) || before.cancel) return before;
    const at = clock();
    if (before.status === 'running') return { ...before, cancel: { at: isoTime(at), by } };
    return canceledTask(before, at);
  });
  if (found && isFinal(found.status)) return { outcome: 'ended', task };
  if (!isFinal(task.status)) return { outcome: 'requested', task };
  // its entry is of no use any more; should this get lost, the worker that takes it finds that it has ended
  await queue.remove(task.scanner_pool, id).catch(() => {});
  return { outcome: 'canceled', task };
}

function canceledTask(task: Task, at: number): Task {
  return endedTask(task, {
    status: 'failed',
    at,
    error_message: CANCELED_MESSAGE,
    failure_reason: 'canceled',
  });
}
