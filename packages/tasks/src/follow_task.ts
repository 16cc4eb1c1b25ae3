import { type FSWatcher, watch } from 'node:fs';
import { isFinal, type Task, type TaskId } from '@nmcp/types';
import type { TaskStore } from './task_store.ts';

/** Options of {@linkcode followTask}. */
export interface FollowOptions {
  /** Ends the following. */
  signal?: AbortSignal | undefined;
  /** Milliseconds between two looks where the file system tells nothing, as over a network. @default 1000 */
  lookMs?: number | undefined;
}

const LOOK_MS = 1000;

/**
 * A task at once and at every change of its state or progress, until it has ended, whichever process changes it.
 *
 * @throws {NmcpError} `not_found`, also when it is removed meanwhile
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { createTaskStore, followTask } from '@nmcp/tasks';
 *
 * const store = createTaskStore({ dataDir: mkdtempSync('/tmp/tasks-') });
 * const [task] = await store.list();
 * if (task) for await (const { status } of followTask(store, task.task_id)) console.log(status);
 * ```
 */
export async function* followTask(
  tasks: TaskStore,
  id: TaskId,
  { signal, lookMs = LOOK_MS }: FollowOptions = {},
): AsyncGenerator<Task, void, undefined> {
  let task = await tasks.read(id);
  yield task;
  if (isFinal(task.status)) return;
  let wake = (): void => {};
  const watcher = watchFolder(tasks.paths(id).folder, () => wake());
  signal?.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!isFinal(task.status) && !signal?.aborted) {
      // armed before the look, so that a change during it is not missed
      const { change, cancel } = nextChange((fire) => {
        wake = fire;
      }, lookMs);
      const now = await tasks.read(id);
      if (now.status === task.status && now.progress === task.progress) await change;
      else {
        task = now;
        yield task;
      }
      cancel();
    }
  } finally {
    watcher?.close();
  }
}

function nextChange(
  arm: (fire: () => void) => void,
  lookMs: number,
): { change: Promise<void>; cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const change = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, lookMs);
    arm(resolve);
  });
  return { change, cancel: () => clearTimeout(timer) };
}

/** Where a folder cannot be watched, the looks remain. */
function watchFolder(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(path, { persistent: false }, onChange).on('error', onChange);
  } catch {
    return undefined;
  }
}
