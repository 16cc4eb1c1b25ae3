import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  errorCode,
  removeParts,
  storageError,
  storing,
  type WriteAtomicOptions,
  withFileLock,
  writeAtomic,
} from '@nmcp/files';
import {
  assertTransition,
  isFinal,
  isNmcpError,
  isTaskId,
  NmcpError,
  parseTargets,
  type Target,
  type Task,
  type TaskId,
  targetsOverlap,
} from '@nmcp/types';
import { damaged, parseTask } from './parse_task.ts';
import { type TaskFilter, type TaskPaths, type TaskStore, taskNotFound } from './task_store.ts';

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

interface CachedTask {
  /** Tells whether task.json is still the one that was read: a rename changes its inode. */
  version: string;
  task: Task;
  targets?: Target[];
}

class FileTaskStore implements TaskStore {
  readonly dataDir: string;
  readonly #onDamaged: (taskId: string, error: unknown) => void;
  readonly #cache = new Map<TaskId, CachedTask>();

  constructor({ dataDir, onDamaged = () => {} }: TaskStoreOptions) {
    this.dataDir = dataDir;
    this.#onDamaged = onDamaged;
  }

  paths(id: TaskId): TaskPaths {
    const folder = join(this.dataDir, id);
    return { folder, task: join(folder, 'task.json'), native: join(folder, 'scan_native.nessus') };
  }

  async create(task: Task): Promise<void> {
    await this.#makeFolder(task.task_id);
    await this.#write(task);
  }

  async importResults(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    describe: (resultsPath: string) => Promise<Task>,
  ): Promise<Task> {
    await this.#makeFolder(id);
    try {
      await this.saveResults(id, source);
      const task = await describe(this.paths(id).native);
      await this.#write(task);
      return task;
    } catch (error) {
      await this.remove(id);
      throw error;
    }
  }

  async read(id: TaskId): Promise<Task> {
    return (await this.#load(id)).task;
  }

  async change(id: TaskId, fence: number, change: (task: Task) => Task): Promise<Task> {
    return await withFileLock(`${this.paths(id).task}.lock`, async () => {
      const before = await this.read(id);
      if ((before.lease_fence ?? 0) > fence) {
        throw new NmcpError(
          'stale_lease',
          `Task ${id} was taken over by another worker (fence ${before.lease_fence}, ours ${fence})`,
        );
      }
      const after: Task = { ...change(before), lease_fence: fence };
      const stays = after.status === before.status && !isFinal(before.status);
      if (!stays) assertTransition(id, before.status, after.status);
      await this.#write(after);
      return after;
    }).catch((error: unknown) => {
      const isGone = isNmcpError(error, 'storage') && errorCode(error.cause) === 'ENOENT';
      throw isGone ? taskNotFound(id, error) : error;
    });
  }

  async saveResults(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    options: WriteAtomicOptions = {},
  ): Promise<number> {
    const { native } = this.paths(id);
    await removeParts(native); // of a holder that was killed while it wrote
    return await writeAtomic(native, source, options);
  }

  async list(filter: TaskFilter = {}): Promise<Task[]> {
    const wanted = filter.targets === undefined ? undefined : parseTargets(filter.targets);
    const loaded = await this.#loadAll();
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

  async remove(id: TaskId): Promise<void> {
    this.#cache.delete(id);
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
        if (errorCode(error) !== 'EEXIST') throw error;
        throw new NmcpError('conflict', `Task ${id} exists already`, { title: 'Conflict' });
      });
    });
  }

  async #loadAll(): Promise<CachedTask[]> {
    const names: string[] = await readdir(this.dataDir).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    const ids = names.filter(isTaskId);
    const loaded: CachedTask[] = [];
    for (let start = 0; start < ids.length; start += 64) {
      // files at a time
      const group = await Promise.all(ids.slice(start, start + 64).map((id) => this.#loadIfWhole(id)));
      loaded.push(...group.filter((entry) => entry !== undefined));
    }
    this.#forget(new Set(ids));
    return loaded;
  }

  async #loadIfWhole(id: TaskId): Promise<CachedTask | undefined> {
    try {
      return await this.#load(id);
    } catch (error) {
      if (!(error instanceof NmcpError && error.code === 'not_found')) this.#onDamaged(id, error);
      return undefined;
    }
  }

  #forget(known: ReadonlySet<TaskId>): void {
    for (const id of this.#cache.keys()) if (!known.has(id)) this.#cache.delete(id);
  }

  async #load(id: TaskId): Promise<CachedTask> {
    const { task: path, folder } = this.paths(id);
    try {
      const found = await lstat(path);
      const version = `${found.ino}/${found.mtimeMs}/${found.size}`;
      const known = this.#cache.get(id);
      if (known?.version === version) return known;
      // a link could lead anywhere, and nothing of ours makes one
      if (!found.isFile() || !(await lstat(folder)).isDirectory())
        throw damaged(id, 'it is a link, and links are not followed');
      const entry: CachedTask = { version, task: parseTask(id, await readFile(path, 'utf8')) };
      this.#cache.set(id, entry);
      return entry;
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        throw taskNotFound(id, error);
      }
      throw storageError(path, error, 'read');
    }
  }

  async #write(task: Task): Promise<void> {
    const text = `${JSON.stringify(task, null, 2)}\n`;
    await writeAtomic(this.paths(task.task_id).task, [new TextEncoder().encode(text)]);
    this.#cache.delete(task.task_id);
  }
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
