import { messageOf, parseTime, type Task } from '@nmcp/types';
import type { HousekeepingRun } from './housekeeping_types.ts';

/** Removals at a time. */
const AT_A_TIME = 16;

/** Removes tasks whose time is over, with their results. */
export async function removeExpiredTasks(run: HousekeepingRun, ended: readonly Task[]): Promise<void> {
  const { rules, tasks, clock, dryRun = false, signal, report } = run;
  const expired = ended.filter(({ status, completed_at, created_at }) => {
    const ttl = status === 'completed' ? rules.completedTtlMs : rules.failedTtlMs;
    return clock() - parseTime(completed_at ?? created_at) > ttl;
  });
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
