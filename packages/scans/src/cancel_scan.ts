import { CANCELED_MESSAGE, endedTask } from '@nmcp/tasks';
import { type CancelScanInput, isFinal, isNmcpError, type Task, type TaskId } from '@nmcp/types';
import { type Operation, operation } from './operation.ts';
import { requireTask } from './ownership.ts';
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
    const { task_id: id } = await requireTask(tasks, task_id, caller);
    const canceled = await cancel(services, id);
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

async function cancel({ tasks, queue, clock }: Services, id: TaskId): Promise<CanceledScan> {
  const task = await tasks.read(id);
  if (isFinal(task.status)) return { outcome: 'ended', task };
  const isInQueue = task.approval?.state !== 'pending';
  if (isInQueue && (await queue.cancel(task.scanner_pool, id)) === 'requested')
    return { outcome: 'requested', task: await tasks.read(id) };
  try {
    // nobody holds it, and every earlier holder's fence was smaller than the time
    const fence = Math.max(clock(), task.lease_fence ?? 0);
    return {
      outcome: 'canceled',
      task: await tasks.change(id, fence, (before) => canceledTask(before, clock())),
    };
  } catch (error) {
    if (isNmcpError(error, 'invalid_transition')) return { outcome: 'ended', task: await tasks.read(id) };
    throw error;
  }
}

function canceledTask(task: Task, at: number): Task {
  return endedTask(task, {
    status: 'failed',
    at,
    error_message: CANCELED_MESSAGE,
    failure_reason: 'canceled',
  });
}
