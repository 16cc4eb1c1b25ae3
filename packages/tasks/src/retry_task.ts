import type { DeadLetter, TaskQueue } from '@nmcp/queue';
import {
  type Clock,
  isFinal,
  isoTime,
  NmcpError,
  newTaskId,
  newTraceId,
  type PoolName,
  parseTaskId,
  type Task,
  type TaskId,
} from '@nmcp/types';
import { entryOf } from './entry_of.ts';
import { queuedTask } from './queued_task.ts';
import type { TaskStore } from './task_store.ts';

/** What {@linkcode retryDeadTask} works with. */
export interface RetryContext {
  queue: TaskQueue;
  tasks: TaskStore;
  clock: Clock;
}

/** One dead letter by its id. @throws {NmcpError} `not_found` */
export async function findDeadLetter(queue: TaskQueue, pool: PoolName, id: string): Promise<DeadLetter> {
  const found = (await queue.deadLetters(pool, Number.MAX_SAFE_INTEGER)).find((letter) => letter.id === id);
  if (found) return found;
  throw new NmcpError(
    'not_found',
    `The pool ${pool} has no dead letter ${JSON.stringify(id.slice(0, 100))}; list-dlq shows those that exist`,
  );
}

/**
 * Runs a dead task again, as a new task that says which it repeats, since final is final. The dead letter goes only when
 * the new task waits.
 *
 * @param id of the dead letter
 * @throws {NmcpError} `not_found`; `invalid_input` for an entry that is no task, or whose credentials are gone
 */
export async function retryDeadTask(context: RetryContext, pool: PoolName, id: string): Promise<Task> {
  await findDeadLetter(context.queue, pool, id);
  if (id.startsWith('malformed-'))
    throw new NmcpError(
      'invalid_input',
      'The entry is no task, so it cannot be run again; inspect-dlq shows it',
    );
  return await repeat(context, await context.tasks.read(parseTaskId(id)), pool);
}

/**
 * Runs a task that failed or timed out again, as {@linkcode retryDeadTask} does; if it is among the dead letters, its
 * letter goes.
 *
 * @throws {NmcpError} `not_found`; `not_ready` while it has not ended; `conflict` when it was completed; `invalid_input`
 *   when its credentials are gone
 */
export async function retryTask(context: RetryContext, id: TaskId): Promise<Task> {
  const task = await context.tasks.read(id);
  if (!isFinal(task.status))
    throw new NmcpError('not_ready', `Task ${id} is ${task.status}; it can be run again when it has failed`);
  if (task.status === 'completed')
    throw new NmcpError('conflict', `Task ${id} is completed; submit a new scan to scan again`);
  return await repeat(context, task, task.scanner_pool);
}

async function repeat({ queue, tasks, clock }: RetryContext, dead: Task, pool: PoolName): Promise<Task> {
  if (dead.scan_type !== 'untrusted' && dead.payload.credentials === undefined) {
    throw new NmcpError(
      'invalid_input',
      'The credentials of the task were removed when it ended; submit the scan anew with run_authenticated_scan',
    );
  }
  const { scan_type, scanner_type, payload, attached, nessus_scan_id, scanner_instance_id } = dead;
  const fresh: Task = {
    ...queuedTask({
      task_id: newTaskId(scanner_type, { now: new Date(clock()) }),
      trace_id: newTraceId(),
      scan_type,
      scanner_type,
      scanner_pool: pool,
      scanner_instance_id: null,
      payload,
      created_at: isoTime(clock()),
    }),
    ...(attached ? { attached, nessus_scan_id, scanner_instance_id } : {}),
    ...(dead.owner === undefined ? {} : { owner: dead.owner }),
    // the same scan was approved once, and a person runs it again
    ...(dead.approval?.state === 'approved' ? { approval: dead.approval } : {}),
    retry_of: dead.task_id,
  };
  await tasks.create(fresh);
  await queue.enqueue(entryOf(fresh));
  await queue.removeDeadLetter(pool, dead.task_id);
  return fresh;
}
