import type { WriteAtomicOptions } from '@nmcp/files';
import { NmcpError, type ScanState, type Task, type TaskId } from '@nmcp/types';

/** Which tasks to list. */
export interface TaskFilter {
  status?: ScanState | undefined;
  /** Name of a pool, configured or not. */
  pool?: string | undefined;
  /** A target list; tasks that share an address or a name with it. */
  targets?: string | undefined;
}

/** A task of which nothing is known but its directory. */
export interface DamagedTask {
  task_id: TaskId;
  /** When its directory was last changed, in milliseconds since 1970. */
  changedAt: number;
}

/** Files of a task. */
export interface TaskPaths {
  folder: string;
  /** task.json */
  task: string;
  /** scan_native.nessus */
  native: string;
}

/** Options of {@linkcode TaskStore.saveResults}. */
export interface SaveResultsOptions extends Pick<WriteAtomicOptions, 'open'> {
  /** Of the holder of a lease. @default 0, for a task that nobody can hold yet */
  fence?: number | undefined;
}

/** What people see of a running task; what is not given stays. */
export type ProgressNote = Pick<Task, 'progress' | 'waiting'>;

/** Task directories: one folder a task, with task.json and the scan's results. */
export interface TaskStore {
  readonly dataDir: string;
  paths(id: TaskId): TaskPaths;
  /** Makes a task's directory. @throws {NmcpError} `conflict` when it exists, `storage` when the disk refuses */
  create(task: Task): Promise<void>;
  /** @throws {NmcpError} `not_found`; `internal` when task.json is damaged */
  read(id: TaskId): Promise<Task>;
  /**
   * Changes a task: what `change` makes of a version becomes the next one, if that is still the last by then; else it is
   * asked again on what is. So fence, state and whatever else `change` looks at are judged by what they were when it
   * counted. Answering the same task changes nothing.
   *
   * @param fence of the holder of a lease; `undefined` for what a person or an operator changes
   * @throws {NmcpError} `stale_lease` when a later holder has written, `invalid_transition`, `not_found`, `storage`; what
   *   `change` throws passes through
   */
  change(id: TaskId, fence: number | undefined, change: (task: Task) => Task): Promise<Task>;
  /**
   * Shows how far a running task is, and what it waits for. It is for people to see: it makes no version, and may get lost.
   *
   * @throws {NmcpError} as {@linkcode change}
   */
  noteProgress(id: TaskId, fence: number, note: ProgressNote): Promise<void>;
  /**
   * Stores a scan's results; readers see all of them or none.
   *
   * @returns the number of bytes
   * @throws {NmcpError} `stale_lease` when a later holder has written, or the task has ended; `storage`
   */
  saveResults(id: TaskId, source: AsyncIterable<Uint8Array>, options?: SaveResultsOptions): Promise<number>;
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
  /** Tasks that cannot be read since their task.json is damaged; those of a later version are not. */
  damaged(): Promise<DamagedTask[]>;
  /** Removes a task's directory. */
  remove(id: TaskId): Promise<void>;
}

/** What is said of a task that does not exist, and of one that the caller may not see. */
export function taskNotFound(id: TaskId, cause?: unknown): NmcpError {
  return new NmcpError('not_found', `Task ${id} was not found`, { title: `Task ${id} not found`, cause });
}
