import { isNmcpError, type PoolName, type Task, type TaskId } from '@nmcp/types';
import { listedTask } from '../listed_task.ts';
import { type TaskFilter, type TaskPage, taskMatcher } from '../task_filter.ts';
import type { NumberedScan, TaskLists } from '../task_lists.ts';
import type { TaskReader } from '../task_reader.ts';
import type { IndexKeeper } from './index_keeper.ts';
import type { IndexedTask } from './indexed_task.ts';
import type { TaskIndex } from './task_index.ts';

/** Times that a list is made again when tasks change while they are read. */
const AGAIN = 3;

/** Lists of tasks in folders: an index says which, and their files what they are. */
export class IndexedLists implements TaskLists {
  readonly #reader: TaskReader;
  readonly #keeper: IndexKeeper;

  constructor(reader: TaskReader, keeper: IndexKeeper) {
    this.#reader = reader;
    this.#keeper = keeper;
  }

  list(filter: TaskFilter & TaskPage = {}): Promise<Task[]> {
    return this.#read(filter, (index) => index.select(filter));
  }

  async ids(filter: TaskFilter & TaskPage = {}): Promise<TaskId[]> {
    return (await this.#keeper.current()).select(filter).map(({ task_id }) => task_id);
  }

  async count(filter: TaskFilter = {}): Promise<number> {
    return (await this.#keeper.current()).count(filter);
  }

  async pools(): Promise<PoolName[]> {
    return (await this.#keeper.current()).pools();
  }

  async scanNumbers(filter: TaskFilter): Promise<NumberedScan[]> {
    return (await this.#keeper.current()).scanNumbers(filter);
  }

  latestOfSeries(limit: number, filter: TaskFilter): Promise<Task[]> {
    return this.#read(filter, (index) => index.latestOfSeries(limit, filter));
  }

  /** Reads the tasks that the index selects. Where one has become another, the index is told, and selects again. */
  async #read(filter: TaskFilter, select: (index: TaskIndex) => IndexedTask[]): Promise<Task[]> {
    const matches = taskMatcher(filter);
    for (let attempt = 1; ; attempt++) {
      const selected = select(await this.#keeper.current());
      const tasks = await this.#load(selected);
      const differing = selected.filter((listed, at) => !isAsListed(tasks[at], listed));
      for (const { task_id } of differing) this.#keeper.differs(task_id);
      if (differing.length > 0 && attempt < AGAIN) continue;
      return tasks.flatMap((task, at) => {
        if (!task) return [];
        return isAsListed(task, selected[at]) || matches(listedTask(task)) ? [task] : [];
      });
    }
  }

  async #load(selected: readonly IndexedTask[]): Promise<(Task | undefined)[]> {
    const tasks: (Task | undefined)[] = [];
    for (let at = 0; at < selected.length; at += 64)
      // files at a time
      tasks.push(
        ...(await Promise.all(selected.slice(at, at + 64).map(({ task_id }) => this.#loadIfWhole(task_id)))),
      );
    return tasks;
  }

  async #loadIfWhole(id: TaskId): Promise<Task | undefined> {
    try {
      return await this.#reader.load(id);
    } catch (error) {
      if (isNmcpError(error)) return undefined; // the index is told, and tells of what cannot be read
      throw error;
    }
  }
}

function isAsListed(task: Task | undefined, listed: IndexedTask | undefined): boolean {
  return task !== undefined && (task.version ?? 0) === listed?.version && task.status === listed.status;
}
