import { type FSWatcher, watch } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, FileLooks, VersionFolder, type Versions, writeAtomic } from '@nmcp/files';
import { isNmcpError, type Task, type TaskId } from '@nmcp/types';
import { REMOVED } from './listing/change_notes.ts';
import { IndexKeeper } from './listing/index_keeper.ts';
import { IndexedLists } from './listing/indexed_lists.ts';
import { nextVersion, refuseResults, refuseStale, taken, versionOf } from './next_version.ts';
import { formatTask, isDamaged } from './parse_task.ts';
import { ResultFiles } from './result_files.ts';
import { ScanOwnerFiles, type ScanOwners } from './scan_owners.ts';
import { TaskReader } from './task_reader.ts';
import {
  type DamagedTask,
  type ProgressNote,
  type SaveResultsOptions,
  type TaskPaths,
  type TaskStore,
  type TaskWatch,
  taskNotFound,
} from './task_store.ts';
import { commitVersion, hasVersion } from './task_versions.ts';

/** Options of {@linkcode createTaskStore}. */
export interface TaskStoreOptions {
  /** Folder of the task directories; made where it is missing. */
  dataDir: string;
  /** Where the results are. @default in those folders */
  results?: ResultFiles | undefined;
  /** Told of a task.json that cannot be read; listing goes on without it. */
  onDamaged?: (taskId: string, error: unknown) => void;
  /** Lists are made without writing anything into the folder. @default false */
  onlyReads?: boolean | undefined;
  /** Up to so many folders are all looked at for each list; of more there is an index. @default 500 */
  atOnce?: number | undefined;
}

/** Milliseconds between two looks at a task: over a network the file system tells nothing. */
const LOOK_MS = 1000;

/**
 * Opens a data directory, ours or v3.0's.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { createTaskStore } from '@nmcp/tasks';
 *
 * const store = createTaskStore({ dataDir: mkdtempSync('/tmp/tasks-') });
 * console.assert((await store.list()).length === 0);
 * ```
 */
export function createTaskStore(options: TaskStoreOptions): TaskStore {
  return new FileTaskStore(options);
}

class FileTaskStore extends IndexedLists implements TaskStore {
  readonly dataDir: string;
  readonly owners: ScanOwners;
  readonly #reader: TaskReader;
  readonly #index: IndexKeeper;
  readonly #results: ResultFiles;

  constructor(options: TaskStoreOptions) {
    const { dataDir, results = new ResultFiles(dataDir), onDamaged = () => {} } = options;
    const looks = new FileLooks(dataDir);
    const reader = new TaskReader(dataDir, looks);
    const index = new IndexKeeper({ ...options, reader, looks, onDamaged });
    super(reader, index);
    this.dataDir = dataDir;
    this.owners = new ScanOwnerFiles(dataDir);
    this.#results = results;
    this.#reader = reader;
    this.#index = index;
  }

  paths(id: TaskId): TaskPaths {
    return this.#results.paths(id);
  }

  results(task: Task): Promise<string> {
    return this.#results.local(task);
  }

  document(name: string): Versions {
    return new VersionFolder(join(this.dataDir, name));
  }

  async create(task: Task): Promise<void> {
    await this.#results.makeFolder(task.task_id);
    await this.#commitFirst(task);
  }

  async importResults(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    describe: (resultsPath: string) => Promise<Task>,
  ): Promise<Task> {
    await this.#results.makeFolder(id);
    await this.#refuseTaken(id);
    try {
      await this.saveResults(id, source);
      const task = await describe(this.paths(id).native);
      await this.#commitFirst(task);
      return task;
    } catch (error) {
      await this.remove(id);
      throw error;
    }
  }

  async read(id: TaskId): Promise<Task> {
    return await this.#reader.load(id);
  }

  async change(id: TaskId, fence: number | undefined, change: (task: Task) => Task): Promise<Task> {
    try {
      while (true) {
        const before = await this.read(id);
        const after = nextVersion(before, fence, change);
        if (after === before) return before;
        const isCommitted = await this.#commit(after, versionOf(after));
        if (isCommitted) return after;
        // somebody else was first: it is asked again, on what they made of it
      }
    } catch (error) {
      const isGone = isNmcpError(error, 'storage') && errorCode(error.cause) === 'ENOENT';
      throw isGone ? taskNotFound(id, error) : error;
    }
  }

  async restore(task: Task): Promise<void> {
    const { task_id } = task;
    const before = await this.read(task_id).catch((error: unknown) => {
      if (isNmcpError(error, 'not_found')) return undefined;
      throw error;
    });
    const version = Math.max(1, versionOf(task)); // those of v3.0 have none
    if (before && versionOf(before) >= version) return;
    await this.#results.makeFolder(task_id);
    await this.#commit({ ...task, version }, version);
  }

  async noteProgress(id: TaskId, fence: number, note: ProgressNote): Promise<void> {
    const task = await this.read(id);
    refuseStale(task, fence);
    if (task.status !== 'running') return;
    const text = new TextEncoder().encode(formatTask({ ...task, ...note }));
    await writeAtomic(this.paths(id).task, [text]);
    this.#reader.forget(id);
  }

  async saveResults(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    options: SaveResultsOptions = {},
  ): Promise<number> {
    const { fence = 0 } = options;
    return await this.#results.save(id, source, options, async () => {
      this.#reader.forget(id); // as it is now, with what was written and not shown yet
      if (fence !== 0) refuseResults(await this.read(id), fence);
    });
  }

  watch(id: TaskId, onChange: () => void): TaskWatch {
    const watcher = watchFolder(this.paths(id).folder, onChange);
    return { lookMs: LOOK_MS, [Symbol.dispose]: () => watcher?.close() };
  }

  async damaged(): Promise<DamagedTask[]> {
    const unread = await this.#index.unread();
    const ids = [...unread].flatMap(([id, error]) => (isDamaged(error) ? [id] : []));
    return await Promise.all(
      ids.map(async (task_id) => ({
        task_id,
        changedAt: await this.#results.changedAt(task_id),
      })),
    );
  }

  async remove(id: TaskId): Promise<void> {
    this.#reader.forget(id);
    await this.#index.changing({ id, version: REMOVED });
    await this.#results.remove(id);
  }

  /** @throws {NmcpError} `conflict` when there is a task of this id */
  async #commitFirst(task: Task): Promise<void> {
    await this.#refuseTaken(task.task_id);
    if (!(await this.#commit({ ...task, version: 1 }, 1))) throw taken(task.task_id);
  }

  /** @returns false when another writer has committed this version */
  async #commit(task: Task, version: number): Promise<boolean> {
    const { task_id: id } = task;
    await this.#index.changing({ id, version }); // before it is so: who reads the note looks until it is
    const isCommitted = await commitVersion(this.paths(id).folder, version, formatTask(task));
    this.#reader.forget(id);
    return isCommitted;
  }

  /** A task without versions is of v3.0, or of a version of ours that had none. @throws {NmcpError} `conflict` */
  async #refuseTaken(id: TaskId): Promise<void> {
    const { task, folder } = this.paths(id);
    const isShown = await lstat(task).then(
      () => true,
      () => false,
    );
    if (isShown || (await hasVersion(folder, 1))) throw taken(id);
  }
}

/** Where a folder cannot be watched, the looks remain. */
function watchFolder(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(path, { persistent: false }, onChange).on('error', onChange);
  } catch {
    return undefined;
  }
}
