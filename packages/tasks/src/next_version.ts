import { assertTransition, isFinal, NmcpError, type Task, type TaskId } from '@nmcp/types';

/** Which version of itself a task is; 0 for what was written before there were versions. */
export function versionOf({ version = 0 }: Task): number {
  return version;
}

/**
 * What a change makes of a version of a task, whichever backend commits it; the same task where nothing is to be changed.
 *
 * @param fence of the holder of a lease; `undefined` for what a person or an operator changes
 * @throws {NmcpError} `stale_lease`, `invalid_transition`; what `change` throws passes through
 */
export function nextVersion(before: Task, fence: number | undefined, change: (task: Task) => Task): Task {
  refuseStale(before, fence);
  const changed = change(before);
  if (changed === before) return before;
  const after: Task = {
    ...changed,
    ...(fence === undefined ? {} : { lease_fence: fence }),
    version: versionOf(before) + 1,
  };
  const stays = after.status === before.status && !isFinal(before.status);
  if (!stays) assertTransition(before.task_id, before.status, after.status);
  return after;
}

/** @throws {NmcpError} `stale_lease` when a later holder has written */
export function refuseStale(task: Task, fence: number | undefined): void {
  if (fence !== undefined && (task.lease_fence ?? 0) > fence) throw staleLease(task, fence);
}

/** @throws {NmcpError} `stale_lease` when the results of a holder are no longer wanted: a later one has written, or it has ended */
export function refuseResults(task: Task, fence: number): void {
  refuseStale(task, fence);
  if (isFinal(task.status)) throw staleLease(task, fence);
}

/** What is said of a task that there is already. */
export function taken(id: TaskId): NmcpError {
  return new NmcpError('conflict', `Task ${id} exists already`, { title: 'Conflict' });
}

function staleLease({ task_id, lease_fence }: Task, fence: number): NmcpError {
  return new NmcpError(
    'stale_lease',
    `Task ${task_id} was taken over by another worker (fence ${lease_fence}, ours ${fence})`,
  );
}
