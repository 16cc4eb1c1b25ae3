import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, storageError } from '@nmcp/files';
import { isFinal, isTaskId, NmcpError, type Target, type Task, type TaskId } from '@nmcp/types';
import { damaged, parseTask } from './parse_task.ts';
import { taskNotFound } from './task_store.ts';
import { readVersion, showVersion } from './task_versions.ts';

/** A task in memory. */
export interface CachedTask {
  /** Tells whether task.json is still the one that was read: a rename changes its inode. */
  file: string;
  task: Task;
  /** Its targets, once somebody has asked for them. */
  targets?: Target[];
}

/** Which version of itself a task is; 0 for what was written before there were versions. */
export function versionOf({ version = 0 }: Task): number {
  return version;
}

/** Reads tasks from their folders, each again only when it has changed. */
export class TaskReader {
  readonly #dataDir: string;
  readonly #onDamaged: (taskId: string, error: unknown) => void;
  readonly #cache = new Map<TaskId, CachedTask>();

  constructor(dataDir: string, onDamaged: (taskId: string, error: unknown) => void) {
    this.#dataDir = dataDir;
    this.#onDamaged = onDamaged;
  }

  /** Forgets what it knows of a task that was changed here. */
  forget(id: TaskId): void {
    this.#cache.delete(id);
  }

  /** All tasks; those that cannot be read are told, and left out. */
  async loadAll(): Promise<CachedTask[]> {
    const names: string[] = await readdir(this.#dataDir).catch((error: unknown) => {
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
    this.#forgetOthers(new Set(ids));
    return loaded;
  }

  async #loadIfWhole(id: TaskId): Promise<CachedTask | undefined> {
    try {
      return await this.load(id);
    } catch (error) {
      if (!(error instanceof NmcpError && error.code === 'not_found')) this.#onDamaged(id, error);
      return undefined;
    }
  }

  #forgetOthers(known: ReadonlySet<TaskId>): void {
    for (const id of this.#cache.keys()) if (!known.has(id)) this.#cache.delete(id);
  }

  /** @throws {NmcpError} `not_found`; `internal` when task.json is damaged; `storage` */
  async load(id: TaskId): Promise<CachedTask> {
    const { task: path } = this.#paths(id);
    try {
      const shown = await this.#loadShown(id);
      if (shown && isFinal(shown.task.status)) return shown;
      const newer = await this.#readNewer(id, shown?.task);
      if (newer === undefined && shown) return shown;
      if (newer === undefined) throw taskNotFound(id);
      this.#cache.delete(id);
      return { file: '', task: newer };
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') throw taskNotFound(id, error);
      throw storageError(path, error, 'read');
    }
  }

  /** What task.json shows: a version, which may not be the last, or what v3.0 wrote; `undefined` when there is none. */
  async #loadShown(id: TaskId): Promise<CachedTask | undefined> {
    const { task: path, folder } = this.#paths(id);
    const found = await lstat(path).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (!found) return undefined;
    const file = `${found.ino}/${found.mtimeMs}/${found.size}`;
    const known = this.#cache.get(id);
    if (known?.file === file) return known;
    // a link could lead anywhere, and nothing of ours makes one
    if (!found.isFile() || !(await lstat(folder)).isDirectory())
      throw damaged(id, 'it is a link, and links are not followed');
    const entry: CachedTask = { file, task: parseTask(id, await readFile(path, 'utf8')) };
    this.#cache.set(id, entry);
    return entry;
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
