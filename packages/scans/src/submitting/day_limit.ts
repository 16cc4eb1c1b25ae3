import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { withFileLock } from '@nmcp/files';
import { countAddresses, parseTargets, parseTime } from '@nmcp/types';
import type { Services } from '../services.ts';

const DAY_MS = 86_400_000;

/** Whose limit it is, and where. */
export interface LimitedCaller {
  pool: string;
  /** Name of the caller. */
  caller: string;
}

/** Addresses that a caller submitted in the last 24 hours. */
export async function hostsOfLastDay(
  { tasks, clock }: Pick<Services, 'tasks' | 'clock'>,
  caller: string,
): Promise<bigint> {
  const since = clock() - DAY_MS;
  const recent = (await tasks.list()).filter(
    (task) => task.owner === caller && !task.attached && parseTime(task.created_at) >= since,
  );
  return recent.reduce((sum, { payload }) => sum + countAddresses(parseTargets(payload.targets)), 0n);
}

/** Whether the policy limits how many addresses a caller may submit in a day. */
export function hasDayLimit({ policy }: Pick<Services, 'policy'>, { pool, caller }: LimitedCaller): boolean {
  return policy.limits(pool, caller).maxHostsPerDay !== Number.POSITIVE_INFINITY;
}

/**
 * Runs what accepts a task with the number of addresses that its owner had scanned in the last 24 hours. Where there is a
 * limit, no other submission of the owner's is accepted meanwhile, in any process: each sees those before it.
 */
export async function withDayLimit<T>(
  services: Pick<Services, 'policy' | 'tasks' | 'clock'>,
  limited: LimitedCaller,
  accept: (hostsToday: bigint) => Promise<T>,
): Promise<T> {
  if (!hasDayLimit(services, limited)) return await accept(0n);
  const name = createHash('sha256').update(limited.caller).digest('hex').slice(0, 16);
  return await withFileLock(join(services.tasks.dataDir, `.day-${name}.lock`), async () =>
    accept(await hostsOfLastDay(services, limited.caller)),
  );
}
