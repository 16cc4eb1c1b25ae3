import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { isTaskId, type Task, type TaskId } from '@nmcp/types';
import { expect } from 'vitest';
import { createTaskStore, type TaskFilter, type TaskPage, type TaskStore } from '../mod.ts';
import { formatTask, parseTask } from '../parse_task.ts';
import { WalkedTasks } from '../task_lists_test_bench.ts';
import { isVersionFile, versionPath } from '../task_versions.ts';

/** Opens a data directory as a process does that looks at no folder which nobody has noted. */
export function openIndexed(dataDir: string): TaskStore {
  return createTaskStore({ dataDir, atOnce: 0 });
}

/** A data directory, and two processes on it. */
export async function twoProcesses(): Promise<
  AsyncDisposable & { dataDir: string; a: TaskStore; b: TaskStore }
> {
  const folder = await tempFolder();
  const dataDir = folder.path;
  return {
    dataDir,
    a: openIndexed(dataDir),
    b: openIndexed(dataDir),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** All tasks by their files, with no store: the last version, else what task.json says. */
export async function readPlainly(dataDir: string): Promise<WalkedTasks> {
  const tasks: Task[] = [];
  for (const id of (await readdir(dataDir)).filter(isTaskId)) {
    const files = await readdir(join(dataDir, id)).catch((): string[] => []);
    const last = Math.max(
      0,
      ...files.filter(isVersionFile).map((name) => Number(/\d+/.exec(name)?.[0] ?? 0)),
    );
    if (last === 0 && !files.includes('task.json')) continue;
    const path = last > 0 ? versionPath(join(dataDir, id), last) : join(dataDir, id, 'task.json');
    tasks.push(parseTask(id, await readFile(path, 'utf8')));
  }
  return new WalkedTasks(tasks);
}

/** Expects that stores list what is in the folders. */
export async function expectAsInFolders(
  dataDir: string,
  stores: readonly TaskStore[],
  filters: readonly (TaskFilter & TaskPage)[] = FILTERS,
): Promise<void> {
  const meant = await readPlainly(dataDir);
  for (const store of stores)
    for (const filter of filters) {
      expect(await store.ids(filter), JSON.stringify(filter)).toEqual(await meant.ids(filter));
      expect(await store.count(filter), JSON.stringify(filter)).toEqual(await meant.count(filter));
      expect((await store.list(filter)).map(({ task_id, status }) => [task_id, status])).toEqual(
        (await meant.list(filter)).map(({ task_id, status }) => [task_id, status]),
      );
    }
}

/** Expects the same of processes that start, each with another question. */
export async function expectAtStart(dataDir: string): Promise<void> {
  for (const filter of FILTERS) await expectAsInFolders(dataDir, [openIndexed(dataDir)], [filter]);
}

const FILTERS: readonly (TaskFilter & TaskPage)[] = [
  {},
  { status: ['queued', 'running'] },
  { status: 'failed', order: 'ended', limit: 2 },
  { targets: '10.0.0.7', order: 'ran' },
];

/** Writes a task as a program does that knows nothing of versions and notes. */
export async function writeAsOthers(dataDir: string, task: Task): Promise<void> {
  await mkdir(join(dataDir, task.task_id), { recursive: true });
  await writeFile(join(dataDir, task.task_id, 'task.json'), formatTask(task));
}

/** Commits the next version of a task and shows it nowhere, as a process that is killed right after its commit. */
export async function commitUnshown(dataDir: string, id: TaskId, next: Task): Promise<void> {
  await mkdir(join(dataDir, id), { recursive: true });
  await writeFile(versionPath(join(dataDir, id), next.version ?? 1), formatTask(next));
}
