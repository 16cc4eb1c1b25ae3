import type { TaskQueue } from '@nmcp/queue';
import { entryOf, expireApproval, OPEN_STATES, type TaskStore } from '@nmcp/tasks';
import {
  type Clock,
  isFinal,
  isNmcpError,
  messageOf,
  type PoolName,
  parseTime,
  type Task,
  type TaskId,
} from '@nmcp/types';
import { type Leftovers, sweepFolders } from './sweep_folders.ts';

/** Options of {@linkcode reconcile}. */
export interface ReconcileOptions {
  tasks: TaskStore;
  queue: TaskQueue;
  clock: Clock;
  /** Only say what would be done. @default false */
  dryRun?: boolean;
  /** Look into every folder for what killed processes have left. @default true */
  sweeps?: boolean;
  /** Milliseconds that a task must be old: a younger one may be on its way into the queue. @default 60000 */
  graceMs?: number | undefined;
}

/** What was found, and mended unless it was a dry run. */
export interface ReconcileReport extends Leftovers {
  /** Queued tasks that no queue knew; they wait again. */
  requeued: TaskId[];
  /** Running tasks that nobody held; they wait for a worker, which goes on with their scans. */
  adopted: TaskId[];
  /** Tasks that nobody approved in time; they have failed. */
  expired: TaskId[];
  /** Tasks that had a dead letter although they were completed, or go on. */
  letters: TaskId[];
  /** Tasks that no queue knows, and that are too young to be sure: they may be on their way into it. */
  young: YoungTask[];
}

/** A task that is left alone for now. */
export interface YoungTask {
  task_id: TaskId;
  /** Until it is old enough. */
  seconds: number;
}

/**
 * Holds the task directories, which are the truth, against the queue, which is transport: after the queue's store was
 * wiped, restored from an old snapshot or replaced, every task goes on.
 */
export async function reconcile(options: ReconcileOptions): Promise<ReconcileReport> {
  const { tasks, clock, graceMs = 60_000 } = options;
  const report: ReconcileReport = {
    requeued: [],
    adopted: [],
    expired: [],
    letters: [],
    young: [],
    orphans: [],
    parts: [],
    removals: [],
    problems: [],
  };
  const open = await tasks.list({ status: OPEN_STATES });
  const known = await idsByPool(options.queue, open);
  for (const task of open) {
    try {
      if (task.approval?.state === 'pending') {
        if (!options.dryRun && (await expireIfDue(options, task))) report.expired.push(task.task_id);
        continue;
      }
      const age = clock() - parseTime(task.started_at ?? task.created_at);
      if (known.get(task.scanner_pool)?.has(task.task_id)) continue;
      if (age < graceMs) {
        report.young.push({ task_id: task.task_id, seconds: Math.ceil((graceMs - age) / 1000) });
        continue;
      }
      await requeue(task, options, report);
    } catch (error) {
      if (isNmcpError(error, 'unavailable')) throw error; // the queue is away, for all of them
      report.problems.push(`${task.task_id}: ${messageOf(error)}`);
    }
  }
  await withdrawLetters(options, report);
  if (options.sweeps !== false) await sweepFolders(options, report);
  return report;
}

async function expireIfDue({ tasks, clock }: ReconcileOptions, task: Task): Promise<boolean> {
  try {
    return (await expireApproval(tasks, task, clock())) !== undefined;
  } catch (error) {
    if (isNmcpError(error, 'conflict')) return false; // somebody decided meanwhile
    throw error;
  }
}

async function idsByPool(queue: TaskQueue, tasks: readonly Task[]): Promise<Map<PoolName, Set<string>>> {
  const pools = [...new Set(tasks.map((task) => task.scanner_pool))];
  return new Map(await Promise.all(pools.map(async (pool) => [pool, await queue.taskIds(pool)] as const)));
}

async function requeue(
  task: Task,
  { queue, tasks, dryRun = false }: ReconcileOptions,
  report: ReconcileReport,
): Promise<void> {
  // between the listing and now it may have ended, or been claimed
  const now = await tasks.read(task.task_id).catch((error: unknown) => {
    if (isNmcpError(error, 'not_found')) return undefined;
    throw error;
  });
  if (!now || isFinal(now.status) || (await queue.has(task.scanner_pool, task.task_id))) return;
  (now.status === 'queued' ? report.requeued : report.adopted).push(task.task_id);
  if (dryRun) return;
  await queue.enqueue(entryOf(now));
}

/** Dead letters looked at a pool. */
const LETTERS = 1000;

/** A task that turned out to go on, or to be completed, is no dead one: whoever retried its letter would scan again. */
async function withdrawLetters(
  { queue, tasks, dryRun = false }: ReconcileOptions,
  report: ReconcileReport,
): Promise<void> {
  for (const pool of await tasks.pools()) {
    const ids = (await queue.deadLetters(pool, LETTERS)).map(({ id }) => id);
    for (const { task_id, status } of ids.length === 0 ? [] : await tasks.list({ ids })) {
      if (status === 'failed' || status === 'timeout') continue;
      report.letters.push(task_id);
      if (!dryRun) await queue.removeDeadLetter(pool, task_id);
    }
  }
}
