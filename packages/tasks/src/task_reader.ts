import type { Stats } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { errorCode, FileLooks, storageError } from '@nmcp/files';
import { isFinal, isTaskId, NmcpError, type Task, type TaskId } from '@nmcp/types';
import { versionOf } from './next_version.ts';
import { damaged, isDamaged, parseTask } from './parse_task.ts';
import { taskNotFound } from './task_store.ts';
import { readVersion, showVersion } from './task_versions.ts';

/** What is known of a task's files. */
interface Known {
  task: Task;
  /** Tells whether task.json is still as it was: showing a version changes the inode. */
  file: Stats;
  /** When it was last looked whether a version is newer than the one shown, on `performance.now()`. */
  checkedAt: number;
}

/** For how long nobody looks for a version that was written and not shown: its writer shows it at once, unless stopped. */
const CHECK_MS = 250;

/** What a walk over the folders has found. */
export interface LoadedTasks {
  tasks: Task[];
  /** Why others cannot be read. */
  unread: Map<TaskId, unknown>;
}

/** Reads tasks from their folders, each again only when it has changed. */
export class TaskReader {
  readonly #dataDir: string;
  readonly #onDamaged: (taskId: TaskId, error: unknown) => void;
  readonly #looks: FileLooks;
  readonly #cache = new Map<TaskId, Known>();
  #nextWalk: Promise<LoadedTasks> | undefined;

  constructor(dataDir: string, onDamaged: (taskId: TaskId, error: unknown) => void) {
    this.#dataDir = dataDir;
    this.#looks = new FileLooks(dataDir);
    this.#onDamaged = onDamaged;
  }

  /** Forgets what it knows of a task that was changed here. */
  forget(id: TaskId): void {
    this.#cache.delete(id);
  }

  /**
   * All tasks; those that cannot be read are told, and left out. What is asked for at the same moment is one walk over the
   * folders.
   */
  loadAll(): Promise<LoadedTasks> {
    this.#nextWalk ??= Promise.resolve().then(() => {
      this.#nextWalk = undefined; // who asks from now on may have changed something that this walk has passed
      return this.#walk();
    });
    return this.#nextWalk;
  }

  async #walk(): Promise<LoadedTasks> {
    const names: string[] = await readdir(this.#dataDir).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    const ids = names.filter(isTaskId);
    const found: LoadedTasks = { tasks: [], unread: new Map() };
    for (let start = 0; start < ids.length; start += 64) {
      // files at a time
      const group = await Promise.all(ids.slice(start, start + 64).map((id) => this.#loadIfWhole(id, found)));
      found.tasks.push(...group.filter((task) => task !== undefined));
      await setImmediate(); // a look at a file need not leave the thread
    }
    this.#forgetOthers(new Set(ids));
    return found;
  }

  async #loadIfWhole(id: TaskId, { unread }: LoadedTasks): Promise<Task | undefined> {
    try {
      return await this.load(id);
    } catch (error) {
      if (error instanceof NmcpError && error.code === 'not_found') return undefined;
      unread.set(id, error);
      this.#onDamaged(id, error);
      return undefined;
    }
  }

  #forgetOthers(known: ReadonlySet<TaskId>): void {
    for (const id of this.#cache.keys()) if (!known.has(id)) this.#cache.delete(id);
  }

  /** @throws {NmcpError} `not_found`; `internal` when task.json is damaged; `storage` */
  async load(id: TaskId): Promise<Task> {
    const { task: path, folder } = this.#paths(id);
    try {
      const file = await this.#looks.lookAt(path);
      const known = this.#cache.get(id);
      if (file && known && isSame(file, known.file) && isCurrent(known)) return known.task;
      const checkedAt = performance.now();
      // a link could lead anywhere, and nothing of ours makes one
      const around = await lstat(folder);
      if ((file && !file.isFile()) || !around.isDirectory())
        throw damaged(id, 'it is a link, and links are not followed');
      const task = await this.#readLast(id, file !== undefined);
      if (file) this.#cache.set(id, { task, file, checkedAt });
      return task;
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') throw taskNotFound(id, error);
      throw storageError(path, error, 'read');
    }
  }

  /** What task.json shows, or the version that is newer: it may not be shown yet. */
  async #readLast(id: TaskId, isShown: boolean): Promise<Task> {
    const shown = isShown ? parseShown(id, await readFile(this.#paths(id).task, 'utf8')) : undefined;
    if (shown && !(shown instanceof NmcpError) && isFinal(shown.status)) return shown;
    // what is shown can be damaged, and is shown anew from the versions
    const last = (await this.#readNewer(id, shown instanceof NmcpError ? undefined : shown)) ?? shown;
    if (!last) throw taskNotFound(id);
    if (last instanceof NmcpError) throw last;
    return last;
  }

  /** The last version, when it is newer than the one that task.json shows: a writer was stopped before it showed it. */
  async #readNewer(id: TaskId, shown: Task | undefined): Promise<Task | undefined> {
    const { folder } = this.#paths(id);
    let version = shown ? versionOf(shown) : 0;
    let newest: Task | undefined;
    for (
      let text = await readVersion(folder, version + 1);
      text !== undefined;
      text = await readVersion(folder, version + 1)
    ) {
      version++;
      newest = parseTask(id, text);
    }
    if (newest) await showVersion(folder, version).catch(() => {}); // another reader may do it
    return newest;
  }

  #paths(id: TaskId): { folder: string; task: string } {
    const folder = join(this.#dataDir, id);
    return { folder, task: join(folder, 'task.json') };
  }
}

/** The task, or what is wrong with it. */
function parseShown(id: TaskId, text: string): Task | NmcpError {
  try {
    return parseTask(id, text);
  } catch (error) {
    if (isDamaged(error)) return error;
    throw error;
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.mtimeMs === b.mtimeMs && a.size === b.size;
}

/** A final task has no newer version. */
function isCurrent({ task, checkedAt }: Known): boolean {
  return isFinal(task.status) || performance.now() - checkedAt < CHECK_MS;
}
