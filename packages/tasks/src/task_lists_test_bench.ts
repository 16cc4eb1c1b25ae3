import type { PoolName, Task, TaskId } from '@nmcp/types';
import { listedTask } from './listed_task.ts';
import { ORDERS, type TaskFilter, type TaskPage, taskMatcher } from './task_filter.ts';
import type { NumberedScan, TaskLists } from './task_lists.ts';

/** Lists as they are by definition: made by looking at all tasks. */
export class WalkedTasks implements TaskLists {
  readonly #tasks: readonly Task[];

  constructor(tasks: readonly Task[]) {
    this.#tasks = tasks;
  }

  async list(filter: TaskFilter & TaskPage = {}): Promise<Task[]> {
    const { order = 'made', limit, offset = 0 } = filter;
    const sorted = this.#matching(filter)
      .map((task) => ({ task, listed: listedTask(task) }))
      .sort((a, b) => ORDERS[order](a.listed, b.listed))
      .map(({ task }) => task);
    return sorted.slice(offset, limit === undefined ? undefined : offset + limit);
  }

  async ids(filter: TaskFilter & TaskPage = {}): Promise<TaskId[]> {
    return (await this.list(filter)).map(({ task_id }) => task_id);
  }

  async count(filter: TaskFilter = {}): Promise<number> {
    return this.#matching(filter).length;
  }

  async pools(): Promise<PoolName[]> {
    return [...new Set(this.#tasks.map((task) => task.scanner_pool))];
  }

  async scanNumbers(filter: TaskFilter): Promise<NumberedScan[]> {
    return this.#matching(filter).flatMap(({ nessus_scan_id, owner }) =>
      nessus_scan_id === null ? [] : [{ nessus_scan_id, owner }],
    );
  }

  async latestOfSeries(limit: number, filter: TaskFilter): Promise<Task[]> {
    const seen = new Set<string>();
    const latest = (await this.list({ ...filter, order: 'began' })).filter((task) => {
      const { series } = listedTask(task);
      if (series === undefined || seen.has(series)) return false;
      seen.add(series);
      return true;
    });
    return latest.slice(0, limit);
  }

  #matching(filter: TaskFilter): Task[] {
    const matches = taskMatcher(filter);
    return this.#tasks.filter((task) => matches(listedTask(task)));
  }
}
