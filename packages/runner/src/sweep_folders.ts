import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '@nmcp/files';
import { isVersionFile, REMOVED_PREFIX, type TaskStore } from '@nmcp/tasks';
import { type Clock, isNmcpError, isTaskId, messageOf, type TaskId } from '@nmcp/types';

/** What killed processes have left. */
export interface Leftovers {
  /** Folders of tasks that were never written. */
  orphans: string[];
  /** Temporary files that killed writers left. */
  parts: string[];
  /** Folders whose removal was cut off. */
  removals: string[];
  /** What could not be looked at. */
  problems: string[];
}

/** Temporary files and empty folders of this age, in milliseconds, belong to nobody. */
export const LEFTOVER_MS = 3_600_000;
/** Lock files of limits of a day, which versions before this one made. */
const OLD_LOCK = /^\.day-[0-9a-f]{16}\.lock(\.\w+\.part)?$/;

interface Sweep {
  tasks: TaskStore;
  clock: Clock;
  /** Only say what would be done. */
  dryRun?: boolean;
}

/** Looks into the task directories for what killed processes have left, and removes it. */
export async function sweepFolders(sweep: Sweep, found: Leftovers): Promise<void> {
  const { tasks, dryRun = false } = sweep;
  const names = await readdir(tasks.dataDir).catch((error: unknown): string[] => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((each) => each.startsWith(REMOVED_PREFIX))) {
    found.removals.push(name);
    if (!dryRun) await rm(join(tasks.dataDir, name), { recursive: true, force: true });
  }
  for (const name of names.filter((each) => OLD_LOCK.test(each))) {
    found.parts.push(join(tasks.dataDir, name));
    if (!dryRun) await rm(join(tasks.dataDir, name), { force: true });
  }
  for (const id of names.filter(isTaskId)) {
    try {
      await sweepFolder(id, sweep, found);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') found.problems.push(`${id}: ${messageOf(error)}`);
    }
  }
}

async function sweepFolder(id: TaskId, { tasks, clock, dryRun }: Sweep, found: Leftovers): Promise<void> {
  const { folder } = tasks.paths(id);
  const isOld = async (path: string): Promise<boolean> => clock() - (await stat(path)).mtimeMs > LEFTOVER_MS;
  const files = await readdir(folder);
  let isInUse = files.some((file) => isTaskFile(file)) || !(await isOld(folder));
  for (const path of files.filter((each) => each.endsWith('.part')).map((file) => join(folder, file))) {
    if (!(await isOld(path))) {
      isInUse = true; // somebody is writing it
      continue;
    }
    found.parts.push(path);
    if (!dryRun) await rm(path, { force: true });
  }
  if (isInUse || (await exists(tasks, id))) return;
  found.orphans.push(id);
  if (!dryRun) await tasks.remove(id);
}

function isTaskFile(file: string): boolean {
  return file === 'task.json' || file === 'scan_native.nessus' || isVersionFile(file);
}

/** A task can be elsewhere than in its folder. */
async function exists(tasks: TaskStore, id: TaskId): Promise<boolean> {
  return await tasks.read(id).then(
    () => true,
    (error: unknown) => {
      if (isNmcpError(error, 'not_found')) return false;
      throw error;
    },
  );
}
