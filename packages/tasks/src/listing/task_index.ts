import { isFinal, type PoolName, parseTargets, type TaskId } from '@nmcp/types';
import type { ListedTask } from '../listed_task.ts';
import { seriesOf } from '../scan_series.ts';
import { ORDERS, type TaskFilter, type TaskOrder, type TaskPage, taskMatcher } from '../task_filter.ts';
import type { NumberedScan } from '../task_lists.ts';
import { type FileMark, IndexedTask } from './indexed_task.ts';
import { TaskGroups } from './task_groups.ts';

/** Tasks of one state, pool and owner. */
type Kind = Pick<ListedTask, 'status' | 'pool' | 'owner'> & { tasks: Set<IndexedTask> };

/** So many changes are sorted in one by one; after more, an order is made anew when it is asked for. */
const SORTED_IN = 500;
/** Where at most this part of all can be meant, these are sorted, instead of going through all that are. */
const FEW = 0.1;

/** What lists look at, of all tasks, in memory. */
export class TaskIndex {
  readonly #tasks = new Map<TaskId, IndexedTask>();
  readonly #kinds = new Map<string, Kind>();
  readonly #byTargets = new TaskGroups();
  readonly #bySeries = new TaskGroups();
  readonly #orders = new Map<TaskOrder, IndexedTask[]>();
  /** Texts that many tasks have in common stand in memory once. */
  #texts = new Map<string, string>();
  #sortedIn = 0;
  #changes = 0;

  get size(): number {
    return this.#tasks.size;
  }

  /** How many go on. */
  get openSize(): number {
    return sizeOf([...this.#kinds.values()].filter(({ status }) => !isFinal(status)));
  }

  /** Counts what was put and deleted. */
  get changes(): number {
    return this.#changes;
  }

  get(id: TaskId): IndexedTask | undefined {
    return this.#tasks.get(id);
  }

  /** Ids of all tasks; goes on to what comes meanwhile. */
  ids(): MapIterator<TaskId> {
    return this.#tasks.keys();
  }

  /** Ids of those that go on. */
  *openIds(): Generator<TaskId> {
    for (const { status, tasks } of this.#kinds.values())
      if (!isFinal(status)) for (const { task_id } of tasks) yield task_id;
  }

  /** All tasks; what comes and goes meanwhile may be among them. */
  values(): MapIterator<IndexedTask> {
    return this.#tasks.values();
  }

  put(task: ListedTask, file: FileMark): void {
    this.delete(task.task_id);
    const { text } = task.targets;
    const [alike] = this.#byTargets.get(text);
    const indexed = new IndexedTask(task, file, alike?.targets ?? task.targets, this.#once);
    this.#byTargets.add(text, indexed);
    if (indexed.series !== undefined) this.#bySeries.add(indexed.series, indexed);
    this.#tasks.set(task.task_id, indexed);
    this.#kindOf(indexed).tasks.add(indexed);
    this.#sort((sorted, order) => sorted.splice(placeOf(indexed, sorted, order), 0, indexed));
  }

  delete(id: TaskId): void {
    const task = this.#tasks.get(id);
    if (!task) return;
    this.#tasks.delete(id);
    this.#byTargets.remove(task.targets.text, task);
    if (task.series !== undefined) this.#bySeries.remove(task.series, task);
    const { tasks } = this.#kindOf(task);
    tasks.delete(task);
    if (tasks.size === 0) this.#kinds.delete(keyOf(task));
    this.#sort((sorted, order) => sorted.splice(placeOf(task, sorted, order), 1));
  }

  /** A page of those that are meant. @throws {NmcpError} `invalid_input` for targets that are none */
  select(filter: TaskFilter & TaskPage): IndexedTask[] {
    const { order = 'made', limit = Number.POSITIVE_INFINITY } = filter;
    const selected: IndexedTask[] = [];
    let { offset: passed = 0 } = filter;
    for (const task of this.#matching(filter, order)) {
      if (selected.length >= limit) break;
      if (passed-- <= 0) selected.push(task);
    }
    return selected;
  }

  /** How many are meant. */
  count(filter: TaskFilter): number {
    const { status, pool, owner, visibleTo, ...rest } = filter;
    if (Object.values(rest).every((value) => value === undefined)) return sizeOf(this.#kindsOf(filter));
    const matches = taskMatcher(filter);
    let count = 0;
    for (const task of this.#few(filter) ?? this.#inOrder('made')) if (matches(task)) count++;
    return count;
  }

  pools(): PoolName[] {
    return [...new Set([...this.#kinds.values()].map(({ pool }) => pool as PoolName))]; // of tasks
  }

  scanNumbers(filter: TaskFilter): NumberedScan[] {
    const matches = taskMatcher(filter);
    const found: NumberedScan[] = [];
    for (const task of this.#few(filter) ?? this.#inOrder('made'))
      if (task.scanNumber !== null && matches(task))
        found.push({ nessus_scan_id: task.scanNumber, owner: task.owner });
    return found;
  }

  /** The last of each series. */
  latestOfSeries(limit: number, filter: TaskFilter): IndexedTask[] {
    const latest = new Map<string, IndexedTask>();
    for (const task of this.#matching(filter, 'began')) {
      if (latest.size >= limit) break;
      if (task.series !== undefined && !latest.has(task.series)) latest.set(task.series, task);
    }
    return [...latest.values()];
  }

  /** Those that are meant, in order. */
  *#matching(filter: TaskFilter, order: TaskOrder): Generator<IndexedTask> {
    const matches = taskMatcher(filter);
    const few = this.#few(filter);
    if (few) yield* few.filter(matches).sort(ORDERS[order]);
    else for (const task of this.#inOrder(order)) if (matches(task)) yield task;
  }

  /** Tasks among which all are that are meant, where they are few. */
  #few(filter: TaskFilter): IndexedTask[] | undefined {
    const { ids, targets, endedSince, beforeInSeries } = filter;
    if (ids) return [...new Set(ids)].flatMap((id) => this.#tasks.get(id as TaskId) ?? []); // others are of none
    if (beforeInSeries) return [...this.#bySeries.get(seriesOf(beforeInSeries) ?? '')];
    if (targets !== undefined) {
      const wanted = parseTargets(targets);
      return this.#byTargets.where((one) => one.targets.overlaps(wanted));
    }
    const most = FEW * this.#tasks.size;
    if (endedSince !== undefined) {
      const byEnd = this.#inOrder('ended');
      const from = firstThat(byEnd, ({ ended = -1 }) => ended >= endedSince);
      if (byEnd.length - from <= most) return byEnd.slice(from);
    }
    const kinds = this.#kindsOf(filter.isPending ? { ...filter, status: 'queued' } : filter);
    return sizeOf(kinds) <= most ? kinds.flatMap(({ tasks }) => [...tasks]) : undefined;
  }

  #kindsOf({ status, pool, owner, visibleTo }: TaskFilter): Kind[] {
    const matches = taskMatcher({ status, pool, owner, visibleTo });
    // these conditions look at nothing else
    return [...this.#kinds.values()].filter((kind) => matches(kind as Kind & ListedTask));
  }

  #kindOf(task: ListedTask): Kind {
    const { status, pool, owner } = task;
    const key = keyOf(task);
    const kind = this.#kinds.get(key) ?? { status, pool, owner, tasks: new Set() };
    this.#kinds.set(key, kind);
    return kind;
  }

  #inOrder(order: TaskOrder): readonly IndexedTask[] {
    this.#sortedIn = 0;
    const sorted = this.#orders.get(order) ?? [...this.#tasks.values()].sort(ORDERS[order]);
    this.#orders.set(order, sorted);
    return sorted;
  }

  #sort(change: (sorted: IndexedTask[], order: TaskOrder) => void): void {
    this.#changes++;
    if (this.#orders.size === 0) return;
    if (++this.#sortedIn > SORTED_IN) this.#orders.clear();
    for (const [order, sorted] of this.#orders) change(sorted, order);
  }

  readonly #once = (text: string): string => {
    if (this.#texts.size > 2 * this.#tasks.size + 1000) this.#texts = new Map(); // most are of tasks that went
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  };
}

function keyOf({ status, pool, owner }: ListedTask): string {
  return `${status} ${pool} ${owner ?? ''}${owner === undefined ? '-' : '+'}`;
}

function sizeOf(kinds: readonly Kind[]): number {
  return kinds.reduce((sum, { tasks }) => sum + tasks.size, 0);
}

/** Where a task stands, or would stand. */
function placeOf(task: IndexedTask, sorted: readonly IndexedTask[], order: TaskOrder): number {
  return firstThat(sorted, (there) => ORDERS[order](there, task) >= 0);
}

/** Where those begin of which something is true, after all of which it is not. */
function firstThat(sorted: readonly IndexedTask[], isSo: (task: IndexedTask) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = sorted[middle];
    if (there && !isSo(there)) low = middle + 1;
    else high = middle;
  }
  return low;
}
