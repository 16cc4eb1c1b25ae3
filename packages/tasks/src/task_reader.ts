import type { Stats } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, type FileLooks, storageError } from '@nmcp/files';
import { isFinal, NmcpError, type Task, type TaskId } from '@nmcp/types';
import { versionOf } from './next_version.ts';
import { damaged, isDamaged, parseTask } from './parse_task.ts';
import { taskNotFound } from './task_store.ts';
import { readVersion, showVersion } from './task_versions.ts';

/** A task as it was read from its files. */
export interface ReadTask {
  task: Task;
  /** task.json as it was before; `undefined` when no version was shown yet. */
  file: Stats | undefined;
}

/** What is known of a task's files. */
interface Known extends ReadTask {
  /** When it was last looked whether a version is newer than the one shown, on `performance.now()`. */
  checkedAt: number;
}

/** For how long nobody looks for a version that was written and not shown: its writer shows it at once, unless stopped. */
const CHECK_MS = 250;
/** Tasks that are kept in memory: those that were read last. */
const KEPT = 2000;

/** Reads tasks from their folders, each again only when it has changed. */
export class TaskReader {
  readonly #dataDir: string;
  readonly #looks: FileLooks;
  /** In the order in which they were last asked for. */
  readonly #cache = new Map<TaskId, Known>();

  constructor(dataDir: string, looks: FileLooks) {
    this.#dataDir = dataDir;
    this.#looks = looks;
  }

  /** Forgets what it knows of a task that was changed here. */
  forget(id: TaskId): void {
    this.#cache.delete(id);
  }

  /** @throws {NmcpError} `not_found`; `internal` when task.json is damaged; `storage` */
  async load(id: TaskId): Promise<Task> {
    return (
      await this.#reading(id, async (path) => {
        const file = await this.#looks.lookAt(path);
        const known = this.#cache.get(id);
        if (!file || !known || !isSameFile(file, known.file) || !isCurrent(known))
          return await this.#read(id, file);
        this.#cache.delete(id); // and to the end, as the last one that was asked for
        this.#cache.set(id, known);
        return known;
      })
    ).task;
  }

  /** Reads it whatever is known of it. @throws as {@linkcode load} */
  loadNew(id: TaskId): Promise<ReadTask> {
    return this.#reading(id, async (path) => await this.#read(id, await this.#looks.lookAt(path)));
  }

  async #reading(id: TaskId, read: (path: string) => Promise<ReadTask>): Promise<ReadTask> {
    const { task: path } = this.#paths(id);
    try {
      return await read(path);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') throw taskNotFound(id, error);
      throw storageError(path, error, 'read');
    }
  }

  async #read(id: TaskId, file: Stats | undefined): Promise<ReadTask> {
    const checkedAt = performance.now();
    // a link could lead anywhere, and nothing of ours makes one
    const around = await lstat(this.#paths(id).folder);
    if ((file && !file.isFile()) || !around.isDirectory())
      throw damaged(id, 'it is a link, and links are not followed');
    const task = await this.#readLast(id, file !== undefined);
    this.#cache.delete(id);
    if (file) this.#cache.set(id, { task, file, checkedAt });
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > KEPT && oldest !== undefined) this.#cache.delete(oldest);
    return { task, file };
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

/** Whether a file is still the one that was looked at: showing a version changes the inode. */
export function isSameFile(
  a: Pick<Stats, 'ino' | 'mtimeMs' | 'size'> | undefined,
  b: Pick<Stats, 'ino' | 'mtimeMs' | 'size'> | undefined,
): boolean {
  return a?.ino === b?.ino && a?.mtimeMs === b?.mtimeMs && a?.size === b?.size;
}

/** A final task has no newer version. */
function isCurrent({ task, checkedAt }: Known): boolean {
  return isFinal(task.status) || performance.now() - checkedAt < CHECK_MS;
}
