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
  /** The last scan of each series of scans that can be compared, the newest series first, at most so many. */
  latestOfSeries(limit: number, filter: TaskFilter): Promise<Task[]>;
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

  async latestOfSeries(limit: number, filter: TaskFilter): Promise<Task[]> {
    const seen = new Set<string>();
    const latest = takePage(await this.#matching(filter), { order: 'began' }).filter((task) => {
      const series = seriesOf(task);
      if (series === undefined || seen.has(series)) return false;
      seen.add(series);
      return true;
    });
    return latest.slice(0, limit);
  }

  async #matching(filter: TaskFilter): Promise<Task[]> {
    const matches = taskMatcher(filter); // before the walk: it can be wrong
    return (await this.all()).filter(matches);
  }
}
