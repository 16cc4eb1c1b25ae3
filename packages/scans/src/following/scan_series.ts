import { parseTime, type Task, type TaskId } from '@nmcp/types';
import { ranAt } from './list_scans.ts';

/** The latest scan of some targets, and the one before it. */
export interface ScanPair {
  latest: Task;
  /** Of the same targets, in the same pool, with or without credentials like the latest. */
  before?: Task | undefined;
}

/** For each completed scan the one before it that can be compared with it, by their ids. */
export function earlierOf(completed: readonly Task[]): ReadonlyMap<TaskId, TaskId> {
  const earlier = new Map<TaskId, TaskId>();
  const last = new Map<string, TaskId>();
  for (const task of newestFirst(completed)) {
    const key = seriesOf(task);
    const later = last.get(key);
    if (later !== undefined) earlier.set(later, task.task_id);
    last.set(key, task.task_id);
  }
  return earlier;
}

/** Scans of the same targets, the latest two of each. */
export function pairsOf(completed: readonly Task[]): ScanPair[] {
  const pairs = new Map<string, { latest: Task; before?: Task }>();
  for (const task of newestFirst(completed)) {
    const key = seriesOf(task);
    const pair = pairs.get(key);
    if (!pair) pairs.set(key, { latest: task });
    else pair.before ??= task;
  }
  return [...pairs.values()];
}

/** By our clock where we started it: a report tells when its first host was begun, by the scanner's. */
function begunAt(task: Task): string {
  const isOurs = task.nessus_scan_id !== null && !task.attached;
  return isOurs ? (task.started_at ?? ranAt(task)) : ranAt(task);
}

function newestFirst(completed: readonly Task[]): Task[] {
  return (
    completed
      .filter(({ validation_stats }) => validation_stats !== null)
      .map((task) => ({ task, at: parseTime(begunAt(task)) }))
      // reports tell whole seconds
      .sort((a, b) => b.at - a.at || b.task.created_at.localeCompare(a.task.created_at))
      .map(({ task }) => task)
  );
}

/** Scans that can be compared: of the same targets in the same pool, with or without credentials. */
function seriesOf({ payload, scanner_pool, scan_type }: Task): string {
  const targets = payload.targets
    .split(/[\s,]+/)
    .filter(Boolean)
    .sort();
  return JSON.stringify([scanner_pool, scan_type === 'untrusted', targets]);
}
