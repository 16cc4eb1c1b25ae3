import { endedTask, OPEN_STATES } from '@nmcp/tasks';
import { isNmcpError, messageOf, NmcpError, parseTime, type Scanner, type Task } from '@nmcp/types';
import { markerOf } from '../marker.ts';
import { findOwnScans } from '../own_scans.ts';
import type { HousekeepingRun } from './housekeeping_types.ts';

/**
 * Ends tasks that have been waiting or running for too long and that no worker holds, such as those of a pool that no worker
 * serves any more. A worker ends its own at the time limit; one that waits for approval expires by itself.
 */
export async function endStaleTasks(run: HousekeepingRun): Promise<void> {
  const { rules, queue, tasks, clock, report, signal } = run;
  const { staleMs } = rules;
  if (staleMs === undefined) return;
  for (const task of await tasks.list({ status: OPEN_STATES })) {
    if (signal?.aborted) return;
    if (task.status === 'queued' && (run.sparesWaiting || task.approval?.state === 'pending')) continue;
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

/**
 * Takes the task first, as a worker would: with a fence of the store's, which refuses whatever an earlier holder still writes.
 * Then its scan is stopped.
 *
 * @returns false when a worker has it again, or it has ended meanwhile
 */
async function end(task: Task, run: HousekeepingRun): Promise<boolean> {
  const { queue, tasks, clock, rules } = run;
  const { task_id, scanner_pool } = task;
  await queue.remove(scanner_pool, task_id);
  if (await queue.has(scanner_pool, task_id)) return false; // taken meanwhile: whoever has it ends it
  const fence = Math.max(Math.ceil(await queue.now()), (task.lease_fence ?? 0) + 1);
  try {
    const taken = await tasks.change(task_id, fence, (before) => {
      // who has written since the look holds it
      if (before.lease_fence !== task.lease_fence)
        throw new NmcpError('stale_lease', `Task ${task_id} was taken over by a worker`);
      return { ...before };
    });
    await endScan(taken, run);
    const hours = (rules.staleMs ?? 0) / 3_600_000;
    await tasks.change(task_id, fence, (before) =>
      endedTask(before, {
        // no state leads from queued to timeout
        ...(before.status === 'queued'
          ? { status: 'failed', error_message: `No worker took it in ${hours} hours` }
          : {
              status: 'timeout',
              error_message: `The scan has been running for more than ${hours} hours, and no worker held it`,
            }),
        at: clock(),
        failure_reason: 'stale',
      }),
    );
    return true;
  } catch (error) {
    if (isNmcpError(error, 'stale_lease') || isNmcpError(error, 'invalid_transition')) return false;
    throw error;
  }
}

/** A scan of a scanner that is no longer configured stays where it is. */
async function endScan(task: Task, run: HousekeepingRun): Promise<void> {
  const { registry, rules, signal } = run;
  const { scanner_pool: pool, scanner_instance_id: instance, attached } = task;
  const known = (await registry.list()).some((one) => one.pool === pool && one.instance_id === instance);
  if (attached || instance === null || !known) return;
  await registry.ask(pool, instance, async (scanner) => {
    for (const id of await ownScans(task, scanner, run)) {
      await scanner.stop(id, { signal });
      if (rules.deleteStale) await scanner.delete(id, { signal });
    }
  });
}

async function ownScans(
  task: Task,
  scanner: Scanner,
  { clock, signal }: HousekeepingRun,
): Promise<readonly number[]> {
  const { nessus_scan_id: id } = task;
  if (id === null) return await findOwnScans(scanner, task, { now: clock(), signal });
  return (await scanner.hasMarker(id, markerOf(task), { signal })) ? [id] : [];
}
