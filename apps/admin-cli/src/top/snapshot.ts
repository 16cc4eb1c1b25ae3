import type { OpenServices } from '@nmcp/runtime';
import { messageOf, type ScannerListing, type Task } from '@nmcp/types';
import { countsOf, type QueueCounts } from '../commands/queue.ts';

/** How things are at a moment. */
export interface Snapshot {
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

const ENDED = 5;

/** Reads how things are. A store that is away is told, and what was known before stays. */
export async function readSnapshot(
  { queue, registry, tasks, clock }: OpenServices,
  before?: Snapshot,
): Promise<Snapshot> {
  const empty = { pools: [], scanners: [], running: [], ended: [], waitingForApproval: 0 };
  try {
    const [pools, scanners, all] = await Promise.all([
      Promise.all(registry.pools().map((pool) => countsOf(queue, pool))),
      registry.list(),
      tasks.list(),
    ]);
    return {
      at: clock(),
      pools,
      scanners,
      running: all.filter(({ status }) => status === 'running').reverse(),
      ended: all.filter(({ completed_at }) => completed_at !== null).slice(0, ENDED),
      waitingForApproval: all.filter(
        ({ status, approval }) => status === 'queued' && approval?.state === 'pending',
      ).length,
    };
  } catch (error) {
    return { ...(before ?? empty), at: clock(), problem: messageOf(error) };
  }
}
