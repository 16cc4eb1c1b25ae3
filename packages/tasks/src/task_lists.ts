import type { PoolName, Task, TaskId } from '@nmcp/types';
import { seriesOf } from './scan_series.ts';
import { type TaskFilter, type TaskPage, takePage, taskMatcher } from './task_filter.ts';

/** A scan by its number on its scanner. */
export interface NumberedScan {
  nessus_scan_id: number;
  /** Name of the caller; absent for a task of v3.0. */
  owner?: string | undefined;
}

/**
 * Lists of tasks.
 *
 * Methods throw `NmcpError` `invalid_input` for targets that are none.
 */
export interface TaskLists {
  /** Tasks, newest first unless another order is asked for. */
  list(filter?: TaskFilter & TaskPage): Promise<Task[]>;
  /** Their ids only. */
  ids(filter?: TaskFilter & TaskPage): Promise<TaskId[]>;
  /** How many there are. */
  count(filter?: TaskFilter): Promise<number>;
  /** Pools that have tasks. */
  pools(): Promise<PoolName[]>;
  /** Numbers of their scans, of those that have one. */
  scanNumbers(filter: TaskFilter): Promise<NumberedScan[]>;
  /** The last tasks of each series of scans that can be compared, newest first. */
  lastOfSeries(most: number, filter: TaskFilter): Promise<Task[]>;
}

/** Lists that are made by looking at all tasks. */
export abstract class WalkedTasks implements TaskLists {
  /** All tasks, in whatever order. */
  protected abstract all(): Promise<readonly Task[]>;

  async list(filter: TaskFilter & TaskPage = {}): Promise<Task[]> {
    return takePage(await this.#matching(filter), filter);
  }

  async ids(filter: TaskFilter & TaskPage = {}): Promise<TaskId[]> {
    return (await this.list(filter)).map(({ task_id }) => task_id);
  }

  async count(filter: TaskFilter = {}): Promise<number> {
    return (await this.#matching(filter)).length;
  }

  async pools(): Promise<PoolName[]> {
    return [...new Set((await this.all()).map((task) => task.scanner_pool))];
  }

  async scanNumbers(filter: TaskFilter): Promise<NumberedScan[]> {
    return (await this.#matching(filter)).flatMap(({ nessus_scan_id, owner }) =>
      nessus_scan_id === null ? [] : [{ nessus_scan_id, owner }],
    );
  }

  async lastOfSeries(most: number, filter: TaskFilter): Promise<Task[]> {
    const counts = new Map<string, number>();
    return takePage(await this.#matching(filter), { order: 'began' }).filter((task) => {
      const series = seriesOf(task);
      if (series === undefined) return false;
      const count = (counts.get(series) ?? 0) + 1;
      counts.set(series, count);
      return count <= most;
    });
  }

  async #matching(filter: TaskFilter): Promise<Task[]> {
    const matches = taskMatcher(filter); // before the walk: it can be wrong
    return (await this.all()).filter(matches);
  }
}
