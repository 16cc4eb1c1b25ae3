import { parseTargets, type ScanState, type Task, type TaskId } from '@nmcp/types';
import { type ListedTask, wordsOf } from './listed_task.ts';
import { beginsAt, seriesOf } from './scan_series.ts';

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

/** By when tasks were asked for, ran, were begun, or ended. */
export type TaskOrder = 'made' | 'ran' | 'began' | 'ended';

/** In which order, and which of them. */
export interface TaskPage {
  /**
   * `made`: by when they were asked for, `ran`: by when their scans ran, `began`: by when their scans were begun; newest first.
   * `ended`: those that have not, and then the first to end first.
   *
   * @default `made`
   */
  order?: TaskOrder | undefined;
  /** At most so many. @default all */
  limit?: number | undefined;
  /** So many are passed over. @default 0 */
  offset?: number | undefined;
}

/** States of tasks that go on. */
export const OPEN_STATES: readonly ScanState[] = ['queued', 'running'];
/** States of tasks that have ended. */
export const FINAL_STATES: readonly ScanState[] = ['completed', 'failed', 'timeout'];

/** A test of tasks. @throws {NmcpError} `invalid_input` for targets that are none */
export function taskMatcher(filter: TaskFilter): (task: ListedTask) => boolean {
  const asked = testsOf(filter);
  const [first, ...rest] = asked;
  if (!first) return () => true;
  return rest.length === 0 ? first : (task) => asked.every((test) => test(task));
}

function testsOf(filter: TaskFilter): ((task: ListedTask) => boolean)[] {
  const { status, visibleTo, madeSince = 0, endedSince, endedBefore, scanNumbers } = filter;
  const wanted = filter.targets === undefined ? undefined : parseTargets(filter.targets);
  const text = filter.text?.toLowerCase();
  const states = typeof status === 'string' ? [status] : status;
  const ids = filter.ids && new Set<TaskId | string>(filter.ids);
  const tests: [isAsked: unknown, test: (task: ListedTask) => boolean][] = [
    [ids, ({ task_id }) => ids?.has(task_id) === true],
    [states, (task) => states?.includes(task.status) === true],
    [filter.pool, ({ pool }) => pool === filter.pool],
    [filter.instance, ({ instance }) => instance === filter.instance],
    [scanNumbers, ({ scanNumber }) => scanNumber !== null && scanNumbers?.includes(scanNumber) === true],
    [filter.owner, ({ owner }) => owner === filter.owner],
    [
      visibleTo?.pools === 'all' ? undefined : visibleTo,
      ({ owner, pool }) => owner === visibleTo?.owner || visibleTo?.pools.includes(pool) === true,
    ],
    [filter.madeSince, ({ made }) => made >= madeSince],
    [endedSince, ({ ended }) => (ended ?? -1) >= (endedSince ?? 0)],
    [endedBefore, ({ ended }) => (ended ?? Number.POSITIVE_INFINITY) < (endedBefore ?? 0)],
    [filter.beforeInSeries, isBefore(filter.beforeInSeries)],
    [filter.hasReport, (task) => task.hasReport],
    [filter.isPending, (task) => task.isPending],
    [filter.hasScope, (task) => task.hasScope],
    [filter.isOwnScan, ({ isAttached }) => !isAttached],
    [filter.mayHaveSecondScan, (task) => task.mayHaveSecondScan],
    [text, (task) => wordsOf(task).includes(text ?? '')],
    [wanted, ({ targets }) => wanted !== undefined && targets.overlaps(wanted)],
  ];
  return tests.flatMap(([isAsked, test]) => (isAsked === undefined ? [] : [test]));
}

/** Scans of the series of this one, before it. */
function isBefore(later: Task | undefined): (task: ListedTask) => boolean {
  const series = later && seriesOf(later);
  if (!later || series === undefined) return () => false;
  const began = beginsAt(later);
  return (task) =>
    task.series === series &&
    (task.began < began || (task.began === began && task.created_at < later.created_at));
}

/** The orders of {@linkcode TaskPage}, for sorting; those of one moment are in the order in which they were made. */
export const ORDERS: Record<TaskOrder, (a: ListedTask, b: ListedTask) => number> = {
  made: byAge,
  ran: (a, b) => b.ran - a.ran || byAge(a, b),
  began: (a, b) => b.began - a.began || byAge(a, b),
  ended: (a, b) => (a.ended ?? -1) - (b.ended ?? -1) || byAge(a, b),
};

function byAge(a: ListedTask, b: ListedTask): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  if (a.task_id === b.task_id) return 0;
  return a.task_id < b.task_id ? 1 : -1;
}
