import type { EnqueueOutcome, Idempotency } from '@nmcp/queue';
import { entryOf } from '@nmcp/tasks';
import { messageOf, type Task } from '@nmcp/types';
import type { Services } from './services.ts';

/**
 * Puts a task that is written into its queue. When no answer comes, nobody knows whether it is there: the task stays, and the
 * reconciliation queues it if it is not.
 *
 * @returns undefined when no answer came
 */
export async function enqueueTask(
  { queue, metrics, log }: Pick<Services, 'queue' | 'metrics' | 'log'>,
  task: Task,
  idempotency?: Idempotency,
): Promise<EnqueueOutcome | undefined> {
  const { task_id, trace_id, scan_type, scanner_pool: pool } = task;
  try {
    const outcome = await queue.enqueue(entryOf(task), idempotency ? { idempotency } : {});
    if (outcome.kind !== 'enqueued') return outcome;
    log.info({ task_id, trace_id, pool, scan_type }, 'task queued');
    metrics.scans.inc({ scan_type, status: 'queued' });
    return outcome;
  } catch (error) {
    const reason = messageOf(error);
    log.warn({ task_id, trace_id, pool, reason }, 'the queue did not say whether it has the task');
    metrics.scans.inc({ scan_type, status: 'queued' });
    return undefined;
  }
}
