import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, removeParts, storageError, storing, writeAtomic } from '@nmcp/files';
import { isTaskId, type Task, type TaskId } from '@nmcp/types';
import type { SaveResultsOptions, TaskPaths } from './task_store.ts';

/** How the name of a folder begins that is being removed. */
export const REMOVED_PREFIX = '.removed-';

/** The folders of tasks, with what their scanners exported: one a task, wherever its state is kept. */
export class ResultFiles {
  readonly dataDir: string;

  constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  paths(id: TaskId): TaskPaths {
    const folder = join(this.dataDir, id);
    return { folder, task: join(folder, 'task.json'), native: join(folder, 'scan_native.nessus') };
  }

  /**
   * Path of what the scanner of a task exported, on this machine.
   *
   * @throws {NmcpError} `not_found`, `storage` where it has to be fetched
   */
  local({ task_id }: Task): Promise<string> {
    return Promise.resolve(this.paths(task_id).native);
  }

  /** Tasks that have a folder. */
  async folders(): Promise<TaskId[]> {
    const names: string[] = await readdir(this.dataDir).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    return names.filter(isTaskId);
  }

  /** When a task's folder was last changed, in milliseconds since 1970. */
  async changedAt(id: TaskId): Promise<number> {
    return (await lstat(this.paths(id).folder)).mtimeMs;
  }

  /** Makes a task's folder, if it is missing. @throws {NmcpError} `storage` */
  async makeFolder(id: TaskId): Promise<void> {
    const { folder } = this.paths(id);
    await storing(folder, async () => {
      await mkdir(this.dataDir, { recursive: true, mode: 0o700 });
      await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
        if (errorCode(error) !== 'EEXIST') throw error; // what is in it decides
      });
    });
  }

  /**
   * Stores an export; readers see all of it or none.
   *
   * @param beforeCommit throws for a holder that may not write any longer
   * @returns the number of bytes
   */
  async save(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    { fence = 0, open }: SaveResultsOptions,
    beforeCommit: () => Promise<void>,
  ): Promise<number> {
    const { native } = this.paths(id);
    // of holders that were killed while they wrote; a later one may be writing now
    await removeParts(native, (middle) => Number(/^(\d+)\./.exec(middle)?.[1] ?? 0) <= fence);
    return await writeAtomic(native, source, {
      ...(open ? { open } : {}),
      writer: String(fence),
      beforeCommit,
    });
  }

  /** Removes a task's folder. @throws {NmcpError} `storage` */
  async remove(id: TaskId): Promise<void> {
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
}
