import { watch } from 'node:fs';
import type { TaskStore } from '@nmcp/tasks';
import { isFinal, type Task, type TaskId } from '@nmcp/types';

/** Network file systems tell nothing of changes. */
const LOOK_MS = 2000;

/**
 * A task at once and at every change of its state or progress, until it has ended.
 *
 * @throws {NmcpError} `not_found`, also when it is removed meanwhile
 */
export async function* followTask(tasks: TaskStore, id: TaskId): AsyncGenerator<Task, void, undefined> {
  let task = await tasks.read(id);
  yield task;
  let changed = (): void => {};
  const watcher = watch(tasks.paths(id).folder, () => changed());
  watcher.on('error', () => changed());
  try {
    while (!isFinal(task.status)) {
      const change = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MS);
        changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      const now = await tasks.read(id);
      if (now.status !== task.status || now.progress !== task.progress) {
        task = now;
        yield task;
        continue;
      }
      await change;
    }
  } finally {
    watcher.close();
    changed();
  }
}
