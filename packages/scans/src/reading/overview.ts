import { mayUsePool, visibilityOf } from '@nmcp/access';
import { FINAL_STATES, type TaskStore, type TaskVisibility } from '@nmcp/tasks';
import { messageOf, type PoolName, type ScannerListing, type Task } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { refuseForeignPool } from '../ownership.ts';
import type { Services } from '../services.ts';

/** Numbers of a pool's queue. */
export interface QueueCounts {
  pool: PoolName;
  queued: number;
  in_flight: number;
  dead: number;
}

/** Pools, scanners and scans at a moment. */
export interface Overview {
  /** Milliseconds. */
  at: number;
  pools: QueueCounts[];
  scanners: ScannerListing[];
  /** Longest first. */
  running: Task[];
  /** Newest first. */
  ended: Task[];
  waitingForApproval: number;
  /** Scans that wait for a person, the next to expire first. */
  approvals: Task[];
  /** Scans that failed within a week, newest first. */
  failed: Task[];
  /** Why it could not be read. */
  problem?: string | undefined;
}

/** Counts of a pool's waiting, running and dead-lettered tasks. */
export const getQueueCounts: Operation<{ pool: PoolName }, QueueCounts> = operation(
  { name: 'get_queue_counts', scope: 'read' },
  async ({ queue }, caller, { pool }) => {
    refuseForeignPool(pool, caller);
    return await countQueue(queue, pool);
  },
);

async function countQueue(queue: Services['queue'], pool: PoolName): Promise<QueueCounts> {
  const [queued, in_flight, dead] = await Promise.all([
    queue.depth(pool),
    queue.inFlight(pool),
    queue.deadLetterCount(pool),
  ]);
  return { pool, queued, in_flight, dead };
}

/** How an overview is read. */
export interface OverviewInput {
  /** The previous overview, whose values are kept while a store is unreachable. */
  before?: Overview | undefined;
  /** Ended tasks to name. @default 5 */
  ended?: number | undefined;
}

/** An overview of what the caller may see. An unreachable store is reported, and the previous values are kept. */
export const getOverview: Operation<OverviewInput, Overview> = operation(
  { name: 'get_overview', scope: 'read' },
  (services, caller, { before, ended }) =>
    readOverview(services, {
      before,
      ended,
      visibleTo: visibilityOf(caller),
      mayUse: (pool) => mayUsePool(caller, pool),
    }),
);

/** Milliseconds for which a failure is told of. */
const FAILED_MS = 7 * 86_400_000;

function byExpiry(a: Task, b: Task): number {
  return (a.approval?.expires_at ?? '').localeCompare(b.approval?.expires_at ?? '');
}

type OverviewSources = Pick<Services, 'tasks' | 'queue' | 'registry' | 'clock'>;
type WatchSources = OverviewSources & Pick<Services, 'inventory'>;

interface ReadOptions extends OverviewInput {
  visibleTo?: TaskVisibility | undefined;
  mayUse?: (pool: string) => boolean;
}

async function readOverview(
  { queue, registry, tasks, clock }: OverviewSources,
  { before, ended = 5, visibleTo, mayUse = () => true }: ReadOptions,
): Promise<Overview> {
  const empty = {
    ...{ pools: [], scanners: [], running: [], ended: [] },
    ...{ waitingForApproval: 0, approvals: [], failed: [] },
  };
  try {
    const [pools, scanners, listed] = await Promise.all([
      Promise.all(
        registry
          .pools()
          .filter(mayUse)
          .map((pool) => countQueue(queue, pool)),
      ),
      registry.list(),
      listTasks(tasks, { visibleTo, ended, failedSince: clock() - FAILED_MS }),
    ]);
    return {
      at: clock(),
      pools,
      scanners: scanners.filter(({ pool }) => mayUse(pool)),
      ...listed,
    };
  } catch (error) {
    return { ...(before ?? empty), at: clock(), problem: messageOf(error) };
  }
}

async function listTasks(
  tasks: TaskStore,
  {
    visibleTo,
    ended: limit,
    failedSince,
  }: { visibleTo?: TaskVisibility | undefined; ended: number; failedSince: number },
): Promise<Pick<Overview, 'running' | 'ended' | 'waitingForApproval' | 'approvals' | 'failed'>> {
  const [running, ended, approvals, failed] = await Promise.all([
    tasks.list({ status: 'running', visibleTo }),
    tasks.list({ status: FINAL_STATES, visibleTo, limit }),
    tasks.list({ isPending: true, visibleTo }),
    tasks.list({ status: ['failed', 'timeout'], endedSince: failedSince, visibleTo, limit }),
  ]);
  return {
    running: running.reverse(),
    ended,
    waitingForApproval: approvals.length,
    approvals: approvals.toSorted(byExpiry),
    failed,
  };
}

/**
 * Reports when an overview has changed. It polls only while there are listeners, and once for all of them.
 *
 * @returns a function that stops it
 */
export const watchOverview: Operation<{ onChange: () => void }, () => void> = operation(
  { name: 'watch_overview', scope: 'read' },
  async (services, _caller, { onChange }) => {
    const watch = watches.get(services.tasks) ?? new OverviewWatch(services);
    watches.set(services.tasks, watch);
    return watch.listen(onChange);
  },
);

const watches = new WeakMap<Services['tasks'], OverviewWatch>();

/** Milliseconds between polls while there are listeners. */
const LOOK_MS = 2000;

class OverviewWatch {
  readonly #sources: WatchSources;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = '';
  /** Of the inventory, when it answered last: nothing waits for it. */
  #version: number | undefined;

  constructor(sources: WatchSources) {
    this.#sources = sources;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#look(true);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  }

  #look(isFirst = false): void {
    this.#sources.inventory.version().then(
      (version) => {
        this.#version = version;
      },
      () => {},
    );
    void readOverview(this.#sources, {}).then((overview) => {
      const text = `${essenceOf(overview)} ${this.#version}`;
      if (!isFirst && text !== this.#last) for (const listener of [...this.#listeners]) listener();
      this.#last = text;
      if (this.#listeners.size === 0) return;
      this.#timer = setTimeout(() => this.#look(), LOOK_MS);
      this.#timer.unref();
    });
  }
}

/** What a page shows of an overview. */
function essenceOf({ at: _, running, ended, ...rest }: Overview): string {
  const shown = ({ task_id, status, progress }: Task): unknown => [task_id, status, progress];
  return JSON.stringify([rest, running.map(shown), ended.map(shown)]);
}
