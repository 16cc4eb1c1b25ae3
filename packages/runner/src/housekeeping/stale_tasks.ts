import { endedTask } from '@nmcp/tasks';
import { isNmcpError, messageOf, NmcpError, parseTime, type Scanner, type Task } from '@nmcp/types';
import { markerOf } from '../marker.ts';
import type { HousekeepingRun } from './housekeeping_types.ts';

/**
 * Ends tasks that have been running for too long and that no worker holds, such as those of a pool that no worker serves any
 * more. A worker ends its own at the time limit.
 */
export async function endStaleTasks(run: HousekeepingRun, running: readonly Task[]): Promise<void> {
  const { rules, queue, clock, report, signal } = run;
  const { staleMs } = rules;
  if (staleMs === undefined) return;
  for (const task of running) {
    if (signal?.aborted) return;
    if (clock() - parseTime(task.started_at ?? task.created_at) <= staleMs) continue;
    try {
      if ((await queue.holder(task.scanner_pool, task.task_id)) !== undefined) continue;
      if (!run.dryRun && !(await end(task, run))) continue;
      report.stale.push(task.task_id);
    } catch (error) {
      report.problems.push(`${task.task_id}: ${messageOf(error)}`);
    }
  }
}

/** @returns false when a worker has it again, or it has ended meanwhile */
async function end(task: Task, run: HousekeepingRun): Promise<boolean> {
  const { queue, tasks, clock, rules } = run;
  const { task_id, scanner_pool } = task;
  await endScan(task, run);
  await queue.remove(scanner_pool, task_id);
  if (await queue.has(scanner_pool, task_id)) return false; // taken meanwhile: whoever has it ends it
  try {
    await tasks.change(task_id, undefined, (before) => {
      // who has written since the look holds it
      if (before.lease_fence !== task.lease_fence)
        throw new NmcpError('stale_lease', `Task ${task_id} was taken over by a worker`);
      return {
        ...endedTask(before, {
          status: 'timeout',
          at: clock(),
          error_message: `The scan has been running for more than ${(rules.staleMs ?? 0) / 3_600_000} hours, and no worker held it`,
          failure_reason: 'stale',
        }),
        started_at: before.started_at ?? before.created_at,
      };
    });
    return true;
  } catch (error) {
    if (isNmcpError(error, 'stale_lease') || isNmcpError(error, 'invalid_transition')) return false;
    throw error;
  }
}

/** A scan of a scanner that is no longer configured stays where it is. */
async function endScan(task: Task, { registry, rules, signal }: HousekeepingRun): Promise<void> {
  const { scanner_pool: pool, scanner_instance_id: instance, attached } = task;
  const known = (await registry.list()).some((one) => one.pool === pool && one.instance_id === instance);
  if (attached || instance === null || !known) return;
  await registry.ask(pool, instance, async (scanner) => {
    const id = await ownScan(task, scanner, signal);
    if (id === undefined) return;
    await scanner.stop(id, { signal });
    if (rules.deleteStale) await scanner.delete(id, { signal });
  });
}

async function ownScan(
  task: Task,
  scanner: Scanner,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const { nessus_scan_id: id, payload } = task;
  const marker = markerOf(task);
  if (id === null) return await scanner.findByMarker(marker, { signal, name: payload.name });
  return (await scanner.hasMarker(id, marker, { signal })) ? id : undefined;
}
