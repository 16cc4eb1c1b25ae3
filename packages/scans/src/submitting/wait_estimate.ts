import { type PoolName, parseTime } from '@nmcp/types';
import type { Services } from '../services.ts';

/** v3.0's guess of how long a scan holds a slot, in minutes, for a pool that has completed none. */
const MINUTES_A_SCAN = 15;
/** Completed scans that the estimate is made from. */
const LAST = 50;
/** For how long an estimate is kept: it is made from a list of all tasks. */
const KEPT_MS = 600_000;

type Sources = Pick<Services, 'registry' | 'tasks' | 'clock'>;

/** Minutes that a scan of each pool takes, and when that was looked up. */
const durations = new WeakMap<Sources['tasks'], Map<PoolName, { minutes: number | undefined; at: number }>>();

/**
 * Minutes until a task at this position of its pool's queue is begun: from how long the pool's last scans took (their median),
 * else 15 for each position, as v3.0 said.
 *
 * @param position from 1
 */
export async function estimateWait(sources: Sources, pool: PoolName, position: number): Promise<number> {
  const minutes = await minutesAScan(sources, pool);
  if (minutes === undefined) return position * MINUTES_A_SCAN;
  const { total_capacity, available_capacity } = await sources.registry.status(pool);
  if (position <= available_capacity) return 0;
  return Math.ceil(Math.ceil((position - available_capacity) / Math.max(1, total_capacity)) * minutes);
}

async function minutesAScan({ tasks, clock }: Sources, pool: PoolName): Promise<number | undefined> {
  const known = durations.get(tasks) ?? new Map<PoolName, { minutes: number | undefined; at: number }>();
  durations.set(tasks, known);
  const last = known.get(pool);
  if (last && clock() - last.at < KEPT_MS) return last.minutes;
  const minutes = median(await lastDurations(tasks, pool));
  known.set(pool, { minutes, at: clock() });
  return minutes;
}

async function lastDurations(tasks: Sources['tasks'], pool: PoolName): Promise<number[]> {
  const completed = await tasks.list({ status: 'completed', pool, isOwnScan: true, limit: LAST });
  return completed.flatMap(({ started_at, completed_at }) => {
    const minutes =
      started_at === null || completed_at === null
        ? Number.NaN
        : (parseTime(completed_at) - parseTime(started_at)) / 60_000;
    return minutes > 0 ? [minutes] : [];
  });
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
