import {
  isFinal,
  parseTargets,
  type ScanState,
  type Target,
  type Task,
  type TaskId,
  targetsOverlap,
} from '@nmcp/types';
import { beginsAt, isBeforeInSeries, ranAt, timeOf } from './scan_series.ts';

/** Whose tasks somebody may see: his own, and those of pools. */
export interface TaskVisibility {
  /** Name of the caller. */
  owner: string;
  /** Pools of which he sees all tasks. */
  pools: 'all' | readonly string[];
}

/** Which tasks are meant: those for which all of this holds. Times are milliseconds since 1970. */
export interface TaskFilter {
  ids?: readonly string[] | undefined;
  status?: ScanState | readonly ScanState[] | undefined;
  /** Name of a pool, configured or not. */
  pool?: string | undefined;
  /** A scanner of the pool by its id. */
  instance?: string | undefined;
  /** Numbers of their scans on the scanner. */
  scanNumbers?: readonly number[] | undefined;
  /** A target list; tasks that share an address or a name with it. */
  targets?: string | undefined;
  /** Part of the name or the id, in whatever case. */
  text?: string | undefined;
  /** Name of the caller that they belong to. */
  owner?: string | undefined;
  /** @default all */
  visibleTo?: TaskVisibility | undefined;
  /** Made at this time or later. */
  madeSince?: number | undefined;
  /** Ended at this time or later. */
  endedSince?: number | undefined;
  /** Ended before this time. */
  endedBefore?: number | undefined;
  /** Scans of the series of this one, before it. */
  beforeInSeries?: Task | undefined;
  /** There are results that the inventory takes in. */
  hasReport?: true | undefined;
  /** They wait for approval. */
  isPending?: true | undefined;
  /** They are scans of some plugins. */
  hasScope?: true | undefined;
  /** Their scans are ours, and not only followed. */
  isOwnScan?: true | undefined;
  /** The scanner may have another scan of theirs. */
  mayHaveSecondScan?: true | undefined;
}

/** In which order, and which of them. */
export interface TaskPage {
  /**
   * `made`: by when they were asked for, `ran`: by when their scans ran, `began`: by when their scans were begun; newest first.
   * `ended`: those that have not, and then the first to end first.
   *
   * @default `made`
   */
  order?: 'made' | 'ran' | 'began' | 'ended' | undefined;
  /** At most so many. @default all */
  limit?: number | undefined;
  /** So many are passed over. @default 0 */
  offset?: number | undefined;
}

/** States of tasks that go on. */
export const OPEN_STATES: readonly ScanState[] = ['queued', 'running'];
/** States of tasks that have ended. */
export const FINAL_STATES: readonly ScanState[] = ['completed', 'failed', 'timeout'];

/** Whether a task has results that the inventory takes in; those of a scan that ended early say less. */
export function hasReport({ status, partial }: Pick<Task, 'status' | 'partial'>): boolean {
  return status === 'completed' || partial === true;
}

/** Whether a task waits for somebody who approves it. */
export function isPending({ status, approval }: Pick<Task, 'status' | 'approval'>): boolean {
  return status === 'queued' && approval?.state === 'pending';
}

/**
 * Whether a scanner may have a second scan of a task, of a call that was not answered; one that is under way looks after its
 * scans itself.
 */
export function mayHaveSecondScan({ status, attached, unanswered_create, intent }: Task): boolean {
  return isFinal(status) && !attached && (unanswered_create === true || intent?.phase === 'creating');
}

/** When a task ended, in milliseconds since 1970; `undefined` for one that goes on. */
export function endedAt({ status, completed_at, created_at }: Task): number | undefined {
  return isFinal(status) ? timeOf(completed_at ?? created_at) : undefined;
}

/** A test of tasks. @throws {NmcpError} `invalid_input` for targets that are none */
export function taskMatcher(filter: TaskFilter): (task: Task) => boolean {
  const { status, visibleTo, beforeInSeries, madeSince = 0, endedSince, endedBefore } = filter;
  const wanted = filter.targets === undefined ? undefined : parseTargets(filter.targets);
  const text = filter.text?.toLowerCase();
  const states = typeof status === 'string' ? [status] : status;
  const ids = filter.ids && new Set<TaskId | string>(filter.ids);
  const tests: [isAsked: unknown, test: (task: Task) => boolean][] = [
    [ids, ({ task_id }) => ids?.has(task_id) === true],
    [states, (task) => states?.includes(task.status) === true],
    [filter.pool, ({ scanner_pool }) => scanner_pool === filter.pool],
    [filter.instance, ({ scanner_instance_id }) => scanner_instance_id === filter.instance],
    [
      filter.scanNumbers,
      ({ nessus_scan_id: id }) => id !== null && filter.scanNumbers?.includes(id) === true,
    ],
    [filter.owner, ({ owner }) => owner === filter.owner],
    [visibleTo, (task) => visibleTo !== undefined && isVisible(task, visibleTo)],
    [filter.madeSince, ({ created_at }) => timeOf(created_at) >= madeSince],
    [endedSince, (task) => (endedAt(task) ?? -1) >= (endedSince ?? 0)],
    [endedBefore, (task) => (endedAt(task) ?? Number.POSITIVE_INFINITY) < (endedBefore ?? 0)],
    [beforeInSeries, (task) => beforeInSeries !== undefined && isBeforeInSeries(task, beforeInSeries)],
    [filter.hasReport, hasReport],
    [filter.isPending, isPending],
    [filter.hasScope, ({ payload }) => payload.scope !== undefined],
    [filter.isOwnScan, ({ attached }) => !attached],
    [filter.mayHaveSecondScan, mayHaveSecondScan],
    [text, (task) => text !== undefined && wordsOf(task).includes(text)],
    [wanted, (task) => wanted !== undefined && targetsOverlap(targetsOfTask(task), wanted)],
  ];
  const asked = tests.flatMap(([isAsked, test]) => (isAsked === undefined ? [] : [test]));
  return (task) => asked.every((test) => test(task));
}

/** What the text of a filter is looked for in. */
export function wordsOf({ payload, task_id }: Task): string {
  return `${payload.name} ${task_id}`.toLowerCase();
}

function isVisible({ owner, scanner_pool }: Task, { owner: caller, pools }: TaskVisibility): boolean {
  return owner === caller || pools === 'all' || pools.includes(scanner_pool);
}

const KEYS: Record<Exclude<TaskPage['order'], 'made' | undefined>, (task: Task) => number> = {
  ran: (task) => -timeOf(ranAt(task)),
  began: (task) => -beginsAt(task),
  ended: (task) => endedAt(task) ?? -1,
};

/** Sorts tasks as a page wants them, and takes its part. */
export function takePage(tasks: readonly Task[], { order = 'made', limit, offset = 0 }: TaskPage): Task[] {
  const sorted = tasks.toSorted(byAge);
  if (order !== 'made') {
    const keys = new Map(sorted.map((task) => [task, KEYS[order](task)]));
    // those of one moment stay in the order in which they were made
    sorted.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
  }
  return sorted.slice(offset, limit === undefined ? undefined : offset + limit);
}

function byAge(a: Task, b: Task): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.task_id < b.task_id ? 1 : -1;
}

/** Read once of a task in memory, since they never change. */
const known = new WeakMap<Task, readonly Target[]>();

/** Targets of a task; those that v3.0 took and that are none of ours match nothing. */
export function targetsOfTask(task: Task): readonly Target[] {
  const targets = known.get(task) ?? parseOrNone(task.payload.targets);
  known.set(task, targets);
  return targets;
}

function parseOrNone(text: string): Target[] {
  try {
    return parseTargets(text, { maxLength: Number.POSITIVE_INFINITY });
  } catch {
    return [];
  }
}
