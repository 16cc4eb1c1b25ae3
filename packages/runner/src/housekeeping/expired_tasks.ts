import { messageOf, parseTime, type Task, type TaskId } from '@nmcp/types';
import type { HousekeepingRun } from './housekeeping_types.ts';

/** Removals at a time. */
const AT_A_TIME = 16;

/** Removes tasks whose time is over, with their results. */
export async function removeExpiredTasks(run: HousekeepingRun, ended: readonly Task[]): Promise<void> {
  const { rules, clock } = run;
  const expired = ended.filter(({ status, completed_at, created_at }) => {
    const ttl = status === 'completed' ? rules.completedTtlMs : rules.failedTtlMs;
    return clock() - parseTime(completed_at ?? created_at) > ttl;
  });
  await removeTasks(run, expired);
}

/** Removes tasks that nobody can read, as long after their last change as failed ones. */
export async function removeDamagedTasks(run: HousekeepingRun): Promise<void> {
  const { rules, tasks, clock } = run;
  const damaged = await tasks.damaged();
  await removeTasks(
    run,
    damaged.filter(({ changedAt }) => clock() - changedAt > rules.failedTtlMs),
  );
}

async function removeTasks(
  { tasks, dryRun = false, signal, report }: HousekeepingRun,
  expired: readonly { task_id: TaskId }[],
): Promise<void> {
  for (let at = 0; at < expired.length && !signal?.aborted; at += AT_A_TIME)
    await Promise.all(
      expired.slice(at, at + AT_A_TIME).map(async ({ task_id }) => {
        try {
          if (!dryRun) await tasks.remove(task_id);
          report.expired.push(task_id);
        } catch (error) {
          report.problems.push(`${task_id}: ${messageOf(error)}`);
        }
      }),
    );
}
