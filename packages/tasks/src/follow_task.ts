import { isFinal, isNmcpError, type Task, type TaskId } from '@nmcp/types';
import type { TaskStore } from './task_store.ts';

/** Options of {@linkcode followTask}. */
export interface FollowOptions {
  /** Ends the following. */
  signal?: AbortSignal | undefined;
  /** Milliseconds between two looks although nothing was heard. @default what the store says */
  lookMs?: number | undefined;
}

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
  { signal, lookMs }: FollowOptions = {},
): AsyncGenerator<Task, void, undefined> {
  let task = await tasks.read(id);
  yield task;
  if (isFinal(task.status)) return;
  let wake = (): void => {};
  using watch = tasks.watch(id, () => wake());
  signal?.addEventListener('abort', () => wake(), { once: true });
  while (!isFinal(task.status) && !signal?.aborted) {
    // armed before the look, so that a change during it is not missed
    const { change, cancel } = nextChange((fire) => {
      wake = fire;
    }, lookMs ?? watch.lookMs);
    try {
      const now = await readAgain(tasks, task);
      if (now.status === task.status && now.progress === task.progress) await change;
      else {
        task = now;
        yield task;
      }
    } finally {
      cancel();
    }
  }
}

/** The task as it is now; as it was, while its store is away. */
async function readAgain(tasks: TaskStore, task: Task): Promise<Task> {
  try {
    return await tasks.read(task.task_id);
  } catch (error) {
    if (isNmcpError(error, 'unavailable')) return task;
    throw error;
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
