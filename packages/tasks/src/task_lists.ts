import type { PoolName, Task, TaskId } from '@nmcp/types';
import type { TaskFilter, TaskPage } from './task_filter.ts';

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
