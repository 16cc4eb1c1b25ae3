import { visibilityOf } from '@nmcp/access';
import { seriesOf } from '@nmcp/tasks';
import type { Task, TaskId } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';

/** The latest scan of some targets, and the one before it. */
export interface ScanPair {
  latest: Task;
  /** Of the same targets, in the same pool, with or without credentials like the latest. */
  before?: Task | undefined;
}

/** For each of these scans that has one, the scan before it that it can be compared with, by their ids. */
export const findEarlier: Operation<{ tasks: readonly Task[] }, ReadonlyMap<TaskId, TaskId>> = operation(
  { name: 'find_earlier', scope: 'read' },
  async ({ tasks: store }, caller, { tasks }) => {
    const visibleTo = visibilityOf(caller);
    const found = await Promise.all(
      tasks.map(async (task): Promise<[TaskId, TaskId][]> => {
        if (seriesOf(task) === undefined) return [];
        const ids = await store.ids({ beforeInSeries: task, visibleTo, order: 'began', limit: 1 });
        return ids.map((id) => [task.task_id, id]);
      }),
    );
    return new Map(found.flat());
  },
);

/** The latest scans of all series that the caller may read, the newest first, each with the one before it. */
export const findLastScans: Operation<{ limit: number }, ScanPair[]> = operation(
  { name: 'find_last_scans', scope: 'read' },
  async ({ tasks }, caller, { limit }) => {
    const visibleTo = visibilityOf(caller);
    const latest = await tasks.latestOfSeries(limit, { visibleTo });
    return await Promise.all(
      latest.map(async (task): Promise<ScanPair> => {
        const filter = { beforeInSeries: task, visibleTo };
        const [before] = await tasks.list({ ...filter, order: 'began', limit: 1 });
        return { latest: task, before };
      }),
    );
  },
);
