import type { TaskQueue } from '@nmcp/queue';
import { type Clock, isFinal, isNmcpError, isoTime, type Task, type TaskId } from '@nmcp/types';
import type { TaskStore } from './task_store.ts';

/** What {@linkcode cancelTask} works with. */
export interface CancelContext {
  tasks: TaskStore;
  queue: TaskQueue;
  clock: Clock;
}

/** What became of a cancellation. */
export type CancelOutcome =
  /** It waited, and never ran. */
  | { kind: 'canceled'; task: Task }
  /** Its worker stops the scan at its next look. */
  | { kind: 'requested'; task: Task }
  /** It had ended before. */
  | { kind: 'ended'; task: Task };

/** What a canceled task says. */
export const CANCELED_MESSAGE = 'Canceled on request';

/**
 * Cancels a task: a waiting one leaves the queue, a running one's scan is stopped by its worker. Asking again changes
 * nothing.
 *
 * @throws {NmcpError} `not_found`, `unavailable`, `storage`
 */
export async function cancelTask({ tasks, queue, clock }: CancelContext, id: TaskId): Promise<CancelOutcome> {
  const task = await tasks.read(id);
  if (isFinal(task.status)) return { kind: 'ended', task };
  const isInQueue = task.approval?.state !== 'pending';
  if (isInQueue && (await queue.cancel(task.scanner_pool, id)) === 'requested')
    return { kind: 'requested', task: await tasks.read(id) };
  try {
    // nobody holds it, and every earlier holder's fence was smaller than the time
    return {
      kind: 'canceled',
      task: await tasks.change(id, Math.max(clock(), task.lease_fence ?? 0), canceled(clock())),
    };
  } catch (error) {
    if (isNmcpError(error, 'invalid_transition')) return { kind: 'ended', task: await tasks.read(id) };
    throw error;
  }
}

/** A task as it is when it was canceled. */
function canceled(now: number): (task: Task) => Task {
  return ({ payload: { credentials: _, ...payload }, ...task }) => ({
    ...task,
    payload,
    status: 'failed',
    completed_at: isoTime(now),
    error_message: CANCELED_MESSAGE,
    failure_reason: 'canceled',
  });
}
