import { randomBytes } from 'node:crypto';
import { LOCAL_CALLER } from '@nmcp/access';
import type { TaskStore } from '@nmcp/tasks';
import { countAddresses, messageOf, parseTargets, parseTime, type QueuedTask, type Task } from '@nmcp/types';
import type { Services } from '../services.ts';
import { DayLedger, type Reservation } from './day_ledger.ts';

const DAY_MS = 86_400_000;
/** A file server may show a folder to other machines so much later; until then a task is counted by its reservation. */
const SHOWN_MS = 600_000;

/** Whose limit it is, and where. */
export interface LimitedCaller {
  pool: string;
  /** Name of the caller. */
  caller: string;
}

type Counted = Pick<Services, 'tasks' | 'clock'>;

/** Addresses that a caller submitted in the last 24 hours, with those that submissions under way have taken. */
export async function hostsOfLastDay(services: Counted, caller: string): Promise<bigint> {
  const reservations = await new DayLedger(services.tasks, caller).read();
  return countHosts(services, caller, reservations, await ofLastDay(services, caller));
}

/** Whether the policy limits how many addresses a caller may submit in a day. */
export function hasDayLimit({ policy }: Pick<Services, 'policy'>, { pool, caller }: LimitedCaller): boolean {
  return policy.limits(pool, caller).maxHostsPerDay !== Number.POSITIVE_INFINITY;
}

/**
 * Runs what accepts a task with the number of addresses that its owner had scanned in the last 24 hours. Where there is a
 * limit, the task's addresses are taken of it first, by committing a reservation that counts at once for every other
 * submission, in any process. What is not accepted is given back. A process that is killed before it has written its task
 * costs the caller at most what it has taken, for 24 hours: nobody can know that it is not only slow.
 */
export async function withDayLimit<T>(
  services: Pick<Services, 'policy' | 'tasks' | 'clock' | 'log'>,
  task: QueuedTask,
  accept: (hostsToday: bigint) => Promise<T>,
): Promise<T> {
  const limited = { pool: task.scanner_pool, caller: ownerOf(task) };
  const addresses = hasDayLimit(services, limited) ? addressesOf(task) : undefined;
  if (addresses === undefined) return await accept(0n);
  const reservation: Reservation = {
    id: randomBytes(8).toString('hex'),
    caller: limited.caller,
    task_id: task.task_id,
    addresses: String(addresses),
    at: parseTime(task.created_at),
  };
  const hostsToday = await take(services, limited, reservation);
  try {
    return await accept(hostsToday);
  } catch (error) {
    await giveBack(services, task, ({ id }) => id === reservation.id);
    throw error;
  }
}

/** Gives back what was taken for a task that was removed before it was queued. */
export async function giveBackHosts(services: Pick<Services, 'tasks' | 'log'>, task: Task): Promise<void> {
  await giveBack(services, task, ({ task_id }) => task_id === task.task_id);
}

/** Commits a reservation, unless it is more than there is left. @returns how many addresses count without it */
async function take(
  services: Pick<Services, 'policy' | 'tasks' | 'clock'>,
  { pool, caller }: LimitedCaller,
  ours: Reservation,
): Promise<bigint> {
  const { tasks, policy, clock } = services;
  return await new DayLedger(tasks, caller).change(async (reservations) => {
    // listed after the ledger was read: who is no longer in it has a task by now
    const listed = await ofLastDay(services, caller);
    const others = reservations.filter(({ id }) => id !== ours.id);
    const answer = countHosts(services, caller, others, listed, ours.task_id);
    const isOver = answer + BigInt(ours.addresses) > BigInt(policy.limits(pool, caller).maxHostsPerDay);
    if (isOver || others.length < reservations.length) return { answer };
    const old = others.flatMap(({ task_id, at }) => (at < clock() - SHOWN_MS ? [task_id] : []));
    const shown = new Set(await tasks.ids({ ids: old }));
    const kept = others.filter(({ task_id, at }) => isRecent(at, clock()) && !shown.has(task_id));
    return { reservations: [...kept, ours], answer };
  });
}

async function giveBack(
  { tasks, log }: Pick<Services, 'tasks' | 'log'>,
  task: Task,
  isMeant: (reservation: Reservation) => boolean,
): Promise<void> {
  try {
    await new DayLedger(tasks, ownerOf(task)).change(async (reservations) =>
      reservations.some(isMeant)
        ? { reservations: reservations.filter((each) => !isMeant(each)), answer: undefined }
        : { answer: undefined },
    );
  } catch (error) {
    const { task_id } = task;
    log.warn({ task_id, reason: messageOf(error) }, 'what was taken of a limit of a day is not given back');
  }
}

/** A caller's tasks of the last 24 hours that have taken something of its limit. */
async function ofLastDay({ tasks, clock }: Counted, caller: string): Promise<Task[]> {
  const made = await tasks.list({ owner: caller, madeSince: clock() - DAY_MS, isOwnScan: true });
  return made.filter(({ imported }) => !imported);
}

/** Each task once, by itself or by what was reserved for it, apart from one. */
function countHosts(
  { tasks, clock }: Counted,
  caller: string,
  reservations: readonly Reservation[],
  listed: readonly Task[],
  except?: string,
): bigint {
  const counted = new Map<string, bigint>();
  for (const { task_id, addresses, at, caller: owner } of reservations)
    if (owner === caller && isRecent(at, clock())) counted.set(task_id, BigInt(addresses));
  for (const [taskId, addresses] of countedOnce(tasks, caller, listed)) counted.set(taskId, addresses);
  if (except !== undefined) counted.delete(except);
  return [...counted.values()].reduce((sum, hosts) => sum + hosts, 0n);
}

/** Addresses of a caller's tasks; a task's targets never change, so each list is read once. */
const known = new WeakMap<TaskStore, Map<string, ReadonlyMap<string, bigint>>>();

function countedOnce(store: TaskStore, caller: string, own: readonly Task[]): ReadonlyMap<string, bigint> {
  const callers = known.get(store) ?? new Map<string, ReadonlyMap<string, bigint>>();
  known.set(store, callers);
  const before = callers.get(caller);
  const counts = new Map(
    own.map(({ task_id, payload }) => [
      task_id,
      before?.get(task_id) ?? countAddresses(parseTargets(payload.targets)),
    ]),
  );
  if (counts.size > 0) callers.set(caller, counts);
  else callers.delete(caller);
  return counts;
}

function isRecent(at: number, now: number): boolean {
  return at >= now - DAY_MS;
}

function ownerOf({ owner = LOCAL_CALLER.name }: Task): string {
  return owner;
}

/** `undefined` for targets that are none, which the policy refuses. */
function addressesOf({ payload }: Task): bigint | undefined {
  try {
    return countAddresses(parseTargets(payload.targets));
  } catch {
    return undefined;
  }
}
