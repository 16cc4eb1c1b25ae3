import type { Versions, WriteAtomicOptions } from '@nmcp/files';
import { NmcpError, type Task, type TaskId } from '@nmcp/types';
import type { ScanOwners } from './scan_owners.ts';
import type { TaskLists } from './task_lists.ts';

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

/** Hears of changes of a task. */
export interface TaskWatch extends Disposable {
  /** Milliseconds after which to look although nothing was heard. */
  readonly lookMs: number;
}

/**
 * Tasks: their states in task directories or in PostgreSQL, their results in task directories.
 *
 * Methods throw `NmcpError` `storage` when the disk or the database takes no writes, `unavailable` when the database is away.
 */
export interface TaskStore extends TaskLists {
  /** Folder of the task directories. */
  readonly dataDir: string;
  /** Whose scans are on which scanner. */
  readonly owners: ScanOwners;
  /** Something small that belongs to the tasks as a whole, and that several processes change by compare-and-set. */
  document(name: string): Versions;
  paths(id: TaskId): TaskPaths;
  /** Makes a task. @throws {NmcpError} `conflict` when it exists, `storage` when the disk refuses */
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
   * Puts a task as another store has it, with its version and its fence, unless there is one of this version or a later one.
   *
   * @throws {NmcpError} `storage`, `unavailable`
   */
  restore(task: Task): Promise<void>;
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
   * Path of a task's results on this machine; a copy is fetched where they lie elsewhere. It stays for some minutes at least.
   *
   * @throws {NmcpError} `not_found` when they went, `storage` when they cannot be fetched
   */
  results(task: Task): Promise<string>;
  /**
   * Makes the task of a scan that ran elsewhere: first its results are stored, then described, and only then there is a
   * task. Whatever fails leaves nothing.
   */
  importResults(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    describe: (resultsPath: string) => Promise<Task>,
  ): Promise<Task>;
  /** Calls back when a task may have been changed, by whichever process. */
  watch(id: TaskId, onChange: () => void): TaskWatch;
  /** Tasks that cannot be read since what is kept of them is damaged or gone; those of a later version are not. */
  damaged(): Promise<DamagedTask[]>;
  /** Removes a task with its directory. */
  remove(id: TaskId): Promise<void>;
}

/** What is said of a task that does not exist, and of one that the caller may not see. */
export function taskNotFound(id: TaskId, cause?: unknown): NmcpError {
  return new NmcpError('not_found', `Task ${id} was not found`, { title: `Task ${id} not found`, cause });
}
