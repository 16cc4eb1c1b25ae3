import { messageOf, type TaskId } from '@nmcp/types';
import type { HousekeepingRun } from './housekeeping_types.ts';

/** Removals at a time. */
const AT_A_TIME = 16;

/** Removes tasks whose time is over, with their results, but for those whose scans are still to be removed. */
export async function removeExpiredTasks(
  run: HousekeepingRun,
  stillThere: ReadonlySet<TaskId>,
): Promise<void> {
  const { rules, tasks, clock } = run;
  const { completedTtlMs, failedTtlMs } = rules;
  const expired = [
    ...(await tasks.ids({ status: 'completed', endedBefore: clock() - completedTtlMs })),
    ...(await tasks.ids({ status: ['failed', 'timeout'], endedBefore: clock() - failedTtlMs })),
  ];
  await removeTasks(
    run,
    expired.filter((id) => !stillThere.has(id)),
  );
}

/** Removes tasks that nobody can read, as long after their last change as failed ones. */
export async function removeDamagedTasks(run: HousekeepingRun): Promise<void> {
  const { rules, tasks, clock } = run;
  const damaged = await tasks.damaged();
  await removeTasks(
    run,
    damaged.flatMap(({ task_id, changedAt }) => (clock() - changedAt > rules.failedTtlMs ? [task_id] : [])),
  );
}

async function removeTasks(
  { tasks, dryRun = false, signal, report }: HousekeepingRun,
  expired: readonly TaskId[],
): Promise<void> {
  for (let at = 0; at < expired.length && !signal?.aborted; at += AT_A_TIME)
    await Promise.all(
      expired.slice(at, at + AT_A_TIME).map(async (task_id) => {
        try {
          if (!dryRun) await tasks.remove(task_id);
          report.expired.push(task_id);
        } catch (error) {
          report.problems.push(`${task_id}: ${messageOf(error)}`);
        }
      }),
    );
}
