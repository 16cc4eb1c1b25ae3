import type { TaskQueue } from '@nmcp/queue';
import { type Clock, messageOf, type PoolName, type ScannerListing, type Task } from '@nmcp/types';
import type { TaskStore } from './task_store.ts';

/** Numbers of a pool's queue. */
export interface QueueCounts {
  pool: PoolName;
  queued: number;
  in_flight: number;
  dead: number;
}

/** How things are at a moment. */
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
  /** Why it could not be read. */
  problem?: string | undefined;
}

/** What an overview is read from. */
export interface OverviewSources {
  tasks: TaskStore;
  queue: TaskQueue;
  registry: { pools(): PoolName[]; list(): Promise<ScannerListing[]> };
  clock: Clock;
}

/** Options of {@linkcode readOverview}. */
export interface OverviewOptions {
  /** What was known before, which stays when a store is away. */
  before?: Overview | undefined;
  /** Tasks that count. @default all */
  mayShow?: ((task: Task) => boolean) | undefined;
  /** Pools that count, with their scanners. @default all */
  mayUse?: ((pool: string) => boolean) | undefined;
  /** Ended tasks to name. @default 5 */
  ended?: number | undefined;
}

/** Reads how many tasks of a pool wait, run and are dead. */
export async function readQueueCounts(queue: TaskQueue, pool: PoolName): Promise<QueueCounts> {
  const [queued, in_flight, dead] = await Promise.all([
    queue.depth(pool),
    queue.inFlight(pool),
    queue.deadLetterCount(pool),
  ]);
  return { pool, queued, in_flight, dead };
}

/** Reads how things are. A store that is away is told, and what was known before stays. */
export async function readOverview(
  { queue, registry, tasks, clock }: OverviewSources,
  { before, mayShow = () => true, mayUse = () => true, ended = 5 }: OverviewOptions = {},
): Promise<Overview> {
  const empty = { pools: [], scanners: [], running: [], ended: [], waitingForApproval: 0 };
  try {
    const [pools, scanners, all] = await Promise.all([
      Promise.all(
        registry
          .pools()
          .filter(mayUse)
          .map((pool) => readQueueCounts(queue, pool)),
      ),
      registry.list(),
      tasks.list(),
    ]);
    const shown = all.filter(mayShow);
    return {
      at: clock(),
      pools,
      scanners: scanners.filter(({ pool }) => mayUse(pool)),
      running: shown.filter(({ status }) => status === 'running').reverse(),
      ended: shown.filter(({ completed_at }) => completed_at !== null).slice(0, ended),
      waitingForApproval: shown.filter(
        ({ status, approval }) => status === 'queued' && approval?.state === 'pending',
      ).length,
    };
  } catch (error) {
    return { ...(before ?? empty), at: clock(), problem: messageOf(error) };
  }
}
