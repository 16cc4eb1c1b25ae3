import { type Caller, maySee, mayUsePool, owns } from '@nmcp/access';
import type { ScannerConfig, ScannerRegistry } from '@nmcp/registry';
import { type TaskStore, taskNotFound } from '@nmcp/tasks';
import { isPoolName, NmcpError, type PoolName, parseTaskId, scannerAddress, type Task } from '@nmcp/types';
import type { Services } from './services.ts';

/**
 * A task that the caller may read.
 *
 * @throws {NmcpError} `invalid_input`; `not_found`, also for another caller's task, so that its existence is not revealed
 */
export async function requireVisibleTask(tasks: TaskStore, id: string, caller: Caller): Promise<Task> {
  const taskId = parseTaskId(id);
  const task = await tasks.read(taskId);
  if (!maySee(caller, task)) throw taskNotFound(taskId);
  return task;
}

/**
 * A task that the caller may change: its own.
 *
 * @throws {NmcpError} as {@linkcode requireVisibleTask}; `policy_denied` for another caller's task that this one may read
 */
export async function requireOwnTask(tasks: TaskStore, id: string, caller: Caller): Promise<Task> {
  const task = await requireVisibleTask(tasks, id, caller);
  if (owns(caller, task.owner)) return task;
  throw new NmcpError(
    'policy_denied',
    `The scan ${task.task_id} belongs to ${task.owner ?? 'nobody'}: only its owner and admins may do this`,
    { title: 'Not allowed' },
  );
}

/**
 * A task whose results can be read: a completed one, or one that ended before it was done and of which the scanner gave what
 * it had found.
 *
 * @throws {NmcpError} `invalid_input`, `not_found`, or `not_ready` with the task's status
 */
export async function requireResults(tasks: TaskStore, id: string, caller: Caller): Promise<Task> {
  const task = await requireVisibleTask(tasks, id, caller);
  if (task.partial) return task;
  return requireCompleted(task);
}

/**
 * A completed task: what its scan did not find was looked for.
 *
 * @throws {NmcpError} `invalid_input`, `not_found`, or `not_ready` with the task's status
 */
export async function requireCompletedTask(
  tasks: TaskStore,
  id: string,
  caller: Caller,
): Promise<Extract<Task, { status: 'completed' }>> {
  return requireCompleted(await requireVisibleTask(tasks, id, caller));
}

function requireCompleted(task: Task): Extract<Task, { status: 'completed' }> {
  if (task.status === 'completed') return task;
  throw new NmcpError(
    'not_ready',
    `The scan ${task.task_id} is ${task.status}; its results can be read once it is completed`,
    { title: `Scan not completed yet (status: ${task.status})`, details: { status: task.status } },
  );
}

/** A pool that the caller may use. @throws {NmcpError} `not_found`, also for one that the caller may not use */
export function requirePool(registry: ScannerRegistry, name: string, caller: Caller): PoolName {
  const pools = visiblePools(registry, caller);
  const found = pools.find((pool) => pool === name);
  if (found !== undefined) return found;
  if (caller.pools === undefined) return registry.requirePool(name);
  throw new NmcpError(
    'not_found',
    `The scanner pool ${JSON.stringify(name.slice(0, 64))} was not found; the pools are ${pools.join(', ') || 'none'}`,
    { title: 'Scanner pool not found' },
  );
}

/** A pool that something is read of: one that is not configured, or not for this caller, has nothing, as in v3.0. */
export interface ReadPool {
  /** Absent for a pool of which this caller may read nothing. */
  pool?: PoolName;
  /** Says so in the answer; absent for a pool that is configured. */
  note?: string;
}

/** The pool of this name, to read of. A retired one still has a queue. */
export function readPool(registry: ScannerRegistry, name: string, caller: Caller): ReadPool {
  const pools = visiblePools(registry, caller);
  const pool = pools.find((each) => each === name);
  if (pool !== undefined) return { pool };
  const note = `The scanner pool ${JSON.stringify(name.slice(0, 64))} is not configured; the pools are ${pools.join(', ') || 'none'}`;
  return { note, ...(isPoolName(name) && mayUsePool(caller, name) ? { pool: name } : {}) };
}

/** Rejects a pool that the caller may not use, whether it exists or not. @throws {NmcpError} `not_found` */
export function refuseForeignPool(pool: PoolName, caller: Caller): void {
  if (!mayUsePool(caller, pool))
    throw new NmcpError('not_found', `The scanner pool ${pool} was not found`, {
      title: 'Scanner pool not found',
    });
}

/** The pools that the caller may use. */
export function visiblePools(registry: ScannerRegistry, caller: Caller): PoolName[] {
  return registry.pools().filter((pool) => mayUsePool(caller, pool));
}

/**
 * The scans on a scanner that belong to other callers, by the record of them and by their tasks, which may be older than the
 * record; those started on the scanner itself are visible to all. A scanner is known by its address: it can be in several pools.
 */
export async function scansOfOthers(
  { tasks, registry }: Pick<Services, 'tasks' | 'registry'>,
  { url }: Pick<ScannerConfig, 'url'>,
  caller: Caller,
): Promise<ReadonlySet<number>> {
  if (owns(caller, undefined)) return new Set();
  const address = scannerAddress(url);
  const same = (await registry.list()).filter((scanner) => scannerAddress(scanner.url) === address);
  const here = await Promise.all(
    same.map(({ pool, instance_id }) => tasks.scanNumbers({ pool, instance: instance_id, isOwnScan: true })),
  );
  const foreign = here.flat().filter(({ owner }) => !owns(caller, owner));
  const recorded = await tasks.owners.othersOn(url, caller.name);
  return new Set([...recorded, ...foreign.map(({ nessus_scan_id }) => nessus_scan_id)]);
}
