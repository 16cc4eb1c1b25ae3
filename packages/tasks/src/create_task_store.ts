import { randomBytes } from 'node:crypto';
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, removeParts, storageError, storing, writeAtomic } from '@nmcp/files';
import {
  assertTransition,
  isFinal,
  isNmcpError,
  NmcpError,
  parseTargets,
  type Target,
  type Task,
  type TaskId,
  targetsOverlap,
} from '@nmcp/types';
import { formatTask, isDamaged } from './parse_task.ts';
import { type CachedTask, TaskReader, versionOf } from './task_reader.ts';
import {
  type DamagedTask,
  type ProgressNote,
  type SaveResultsOptions,
  type TaskFilter,
  type TaskPaths,
  type TaskStore,
  taskNotFound,
} from './task_store.ts';
import { commitVersion, hasVersion } from './task_versions.ts';

/** Options of {@linkcode createTaskStore}. */
export interface TaskStoreOptions {
  /** Folder of the task directories; made where it is missing. */
  dataDir: string;
  /** Told of a task.json that cannot be read; listing goes on without it. */
  onDamaged?: (taskId: string, error: unknown) => void;
}

/** How the name of a folder begins that is being removed. */
export const REMOVED_PREFIX = '.removed-';

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

class FileTaskStore implements TaskStore {
  readonly dataDir: string;
  readonly #reader: TaskReader;

  constructor({ dataDir, onDamaged = () => {} }: TaskStoreOptions) {
    this.dataDir = dataDir;
    this.#reader = new TaskReader(dataDir, onDamaged);
  }

  paths(id: TaskId): TaskPaths {
    const folder = join(this.dataDir, id);
    return { folder, task: join(folder, 'task.json'), native: join(folder, 'scan_native.nessus') };
  }

  async create(task: Task): Promise<void> {
    await this.#makeFolder(task.task_id);
    await this.#commitFirst(task);
  }

  async importResults(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    describe: (resultsPath: string) => Promise<Task>,
  ): Promise<Task> {
    await this.#makeFolder(id);
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
    return (await this.#reader.load(id)).task;
  }

  async change(id: TaskId, fence: number | undefined, change: (task: Task) => Task): Promise<Task> {
    const { folder } = this.paths(id);
    try {
      while (true) {
        const before = await this.read(id);
        refuseStale(before, fence);
        const changed = change(before);
        if (changed === before) return before;
        const version = versionOf(before) + 1;
        const after: Task = {
          ...changed,
          ...(fence === undefined ? {} : { lease_fence: fence }),
          version,
        };
        const stays = after.status === before.status && !isFinal(before.status);
        if (!stays) assertTransition(id, before.status, after.status);
        const isCommitted = await commitVersion(folder, version, formatTask(after));
        this.#reader.forget(id);
        if (isCommitted) return after;
        // somebody else was first: it is asked again, on what they made of it
      }
    } catch (error) {
      const isGone = isNmcpError(error, 'storage') && errorCode(error.cause) === 'ENOENT';
      throw isGone ? taskNotFound(id, error) : error;
    }
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
    { fence = 0, open }: SaveResultsOptions = {},
  ): Promise<number> {
    const { native } = this.paths(id);
    // of holders that were killed while they wrote; a later one may be writing now
    await removeParts(native, (middle) => Number(/^(\d+)\./.exec(middle)?.[1] ?? 0) <= fence);
    return await writeAtomic(native, source, {
      ...(open ? { open } : {}),
      writer: String(fence),
      beforeCommit: async () => {
        this.#reader.forget(id); // as it is now, with what was written and not shown yet
        const task = fence === 0 ? undefined : await this.read(id);
        if (task) refuseStale(task, fence);
        if (task && isFinal(task.status)) throw staleLease(task, fence);
      },
    });
  }

  async list(filter: TaskFilter = {}): Promise<Task[]> {
    const wanted = filter.targets === undefined ? undefined : parseTargets(filter.targets);
    const loaded = await this.#reader.loadAll();
    return loaded
      .filter(
        ({ task }) =>
          (filter.status === undefined || task.status === filter.status) &&
          (filter.pool === undefined || task.scanner_pool === filter.pool),
      )
      .filter((entry) => wanted === undefined || targetsOverlap(targetsOf(entry), wanted))
      .map(({ task }) => task)
      .sort((a, b) =>
        a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : a.task_id < b.task_id ? 1 : -1,
      );
  }

  async damaged(): Promise<DamagedTask[]> {
    const ids: TaskId[] = [];
    await this.#reader.loadAll((id, error) => {
      if (isDamaged(error)) ids.push(id);
    });
    return await Promise.all(
      ids.map(async (task_id) => ({
        task_id,
        changedAt: (await lstat(this.paths(task_id).folder)).mtimeMs,
      })),
    );
  }

  async remove(id: TaskId): Promise<void> {
    this.#reader.forget(id);
    const { folder } = this.paths(id);
    // out of sight in one step: what a crash leaves of it is no task any more
    const away = join(this.dataDir, `${REMOVED_PREFIX}${id}-${randomBytes(4).toString('hex')}`);
    try {
      await rename(folder, away);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return;
      throw storageError(folder, error);
    }
    await storing(away, () => rm(away, { recursive: true, force: true }));
  }

  async #makeFolder(id: TaskId): Promise<void> {
    const { folder } = this.paths(id);
    await storing(folder, async () => {
      await mkdir(this.dataDir, { recursive: true, mode: 0o700 });
      await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
        if (errorCode(error) !== 'EEXIST') throw error; // what is in it decides
      });
    });
  }

  /** @throws {NmcpError} `conflict` when there is a task of this id */
  async #commitFirst(task: Task): Promise<void> {
    const { folder } = this.paths(task.task_id);
    await this.#refuseTaken(task.task_id);
    if (!(await commitVersion(folder, 1, formatTask({ ...task, version: 1 })))) throw taken(task.task_id);
    this.#reader.forget(task.task_id);
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

function refuseStale(task: Task, fence: number | undefined): void {
  if (fence !== undefined && (task.lease_fence ?? 0) > fence) throw staleLease(task, fence);
}

function taken(id: TaskId): NmcpError {
  return new NmcpError('conflict', `Task ${id} exists already`, { title: 'Conflict' });
}

function staleLease({ task_id, lease_fence }: Task, fence: number): NmcpError {
  return new NmcpError(
    'stale_lease',
    `Task ${task_id} was taken over by another worker (fence ${lease_fence}, ours ${fence})`,
  );
}

/** Targets that v3.0 took and that are none of ours match nothing. */
function targetsOf(entry: CachedTask): Target[] {
  entry.targets ??= parseOrNone(entry.task.payload.targets);
  return entry.targets;
}

function parseOrNone(text: string): Target[] {
  try {
    return parseTargets(text, { maxLength: Number.POSITIVE_INFINITY });
  } catch {
    return [];
  }
}
