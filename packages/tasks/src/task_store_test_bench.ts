import { readdir } from 'node:fs/promises';
import { tempFolder } from '@nmcp/test-support';
import { DEFAULT_POOL, newTaskId, type Task, type TaskId } from '@nmcp/types';
import { createTaskStore, isVersionFile, queuedTask, type TaskStore } from './mod.ts';

/** A store in a folder of its own. */
export async function openStore(): Promise<
  AsyncDisposable & { store: TaskStore; dataDir: string; damaged: string[] }
> {
  const folder = await tempFolder();
  const damaged: string[] = [];
  const store = createTaskStore({ dataDir: folder.path, onDamaged: (id) => damaged.push(id) });
  return { store, dataDir: folder.path, damaged, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** The files of a task that everybody may look at: all but its versions. */
export async function shownFiles(store: TaskStore, id: TaskId): Promise<string[]> {
  return (await readdir(store.paths(id).folder)).filter((name) => !isVersionFile(name)).sort();
}

/** A download in these parts; it breaks off at an error. */
export async function* chunks(...parts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield new TextEncoder().encode(part);
  }
}

let number = 0;
/** A task that waits, a second younger than the one before it. */
export function newTask(targets = '10.0.0.1', id: TaskId = newTaskId('nessus')): Task {
  return queuedTask({
    task_id: id,
    trace_id: 't',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: DEFAULT_POOL,
    scanner_instance_id: null,
    payload: { targets, name: 'n', description: '', schema_profile: 'brief' },
    created_at: new Date(1_800_000_000_000 + 1000 * number++).toISOString(),
  });
}

/** The change that starts a task. */
export const running = (task: Task): Task => ({
  ...task,
  status: 'running',
  started_at: '2026-01-01T00:00:00.000Z',
});

/** The change that fails it. */
export const failed = (task: Task): Task => ({
  ...task,
  status: 'failed',
  completed_at: '2026-01-01T00:00:00.000Z',
  error_message: 'why',
});
