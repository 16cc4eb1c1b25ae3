import type { WriteAtomicOptions } from '@nmcp/files';
import { NmcpError, type PoolName, type ScanState, type Task, type TaskId } from '@nmcp/types';

/** Which tasks to list. */
export interface TaskFilter {
  status?: ScanState | undefined;
  pool?: PoolName | undefined;
  /** A target list; tasks that share an address or a name with it. */
  targets?: string | undefined;
}

/** Files of a task. */
export interface TaskPaths {
  folder: string;
  /** task.json */
  task: string;
  /** scan_native.nessus */
  native: string;
}

/** Task directories: one folder a task, with task.json and the scan's results. */
export interface TaskStore {
  readonly dataDir: string;
  paths(id: TaskId): TaskPaths;
  /** Makes a task's directory. @throws {NmcpError} `conflict` when it exists, `storage` when the disk refuses */
  create(task: Task): Promise<void>;
  /** @throws {NmcpError} `not_found`; `internal` when task.json is damaged */
  read(id: TaskId): Promise<Task>;
  /**
   * Changes a task as the holder of a lease.
   *
   * @throws {NmcpError} `stale_lease` when a later holder has written, `invalid_transition`, `not_found`, `storage`
   */
  change(id: TaskId, fence: number, change: (task: Task) => Task): Promise<Task>;
  /** Stores a scan's results; readers see all of them or none. @returns the number of bytes */
  saveResults(id: TaskId, source: AsyncIterable<Uint8Array>, options?: WriteAtomicOptions): Promise<number>;
  /**
   * Makes the task of a scan that ran elsewhere: first its results are stored, then described, and only then there is a
   * task. Whatever fails leaves nothing.
   */
  importResults(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    describe: (resultsPath: string) => Promise<Task>,
  ): Promise<Task>;
  /** Tasks, newest first. */
  list(filter?: TaskFilter): Promise<Task[]>;
  /** Removes a task's directory. */
  remove(id: TaskId): Promise<void>;
}

/** What is said of a task that does not exist, and of one that the caller may not see. */
export function taskNotFound(id: TaskId, cause?: unknown): NmcpError {
  const message = `Task ${id} was not found`;
  return new NmcpError('not_found', message, { title: 'Task not found', cause });
}
