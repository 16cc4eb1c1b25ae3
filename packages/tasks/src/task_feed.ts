import type { Task, TaskId } from '@nmcp/types';
import { followTask } from './follow_task.ts';
import type { TaskStore } from './task_store.ts';

/** Told of a change of a task's state or progress. */
export type TaskListener = (task: Task) => void;

interface Followed {
  listeners: Set<TaskListener>;
  stop: AbortController;
}

/** Follows tasks for many listeners, each task once. */
export class TaskFeed implements Disposable {
  readonly #tasks: TaskStore;
  readonly #followed = new Map<TaskId, Followed>();

  constructor(tasks: TaskStore) {
    this.#tasks = tasks;
  }

  /** Tasks that are followed. */
  get size(): number {
    return this.#followed.size;
  }

  /** Calls a listener at each change from now on. @returns what ends it */
  listen(id: TaskId, listener: TaskListener): () => void {
    const known = this.#followed.get(id);
    const followed = known ?? { listeners: new Set(), stop: new AbortController() };
    followed.listeners.add(listener);
    if (!known) {
      this.#followed.set(id, followed);
      void this.#follow(id, followed);
    }
    return () => {
      followed.listeners.delete(listener);
      if (followed.listeners.size === 0) this.#end(id, followed);
    };
  }

  [Symbol.dispose](): void {
    for (const [id, followed] of this.#followed) this.#end(id, followed);
  }

  async #follow(id: TaskId, followed: Followed): Promise<void> {
    try {
      let isFirst = true;
      for await (const task of followTask(this.#tasks, id, { signal: followed.stop.signal })) {
        if (!isFirst) for (const listener of [...followed.listeners]) listener(task);
        isFirst = false;
      }
    } catch {
      // it was removed, or cannot be read: nothing more will be told
    } finally {
      this.#end(id, followed);
    }
  }

  #end(id: TaskId, followed: Followed): void {
    followed.stop.abort();
    if (this.#followed.get(id) === followed) this.#followed.delete(id);
  }
}
