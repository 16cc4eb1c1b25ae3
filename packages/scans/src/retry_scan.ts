import { type Caller, hasScope } from '@nmcp/access';
import { queuedTask } from '@nmcp/tasks';
import {
  isFinal,
  isNmcpError,
  isoTime,
  isSealed,
  NmcpError,
  newTraceId,
  type PoolName,
  type QueuedTask,
  type ScanCredentials,
  type Task,
  type TaskId,
  taskIdOf,
} from '@nmcp/types';
import { enqueueTask } from './enqueue_task.ts';
import { type Operation, operation } from './operation.ts';
import { requireOwnTask } from './ownership.ts';
import type { Services } from './services.ts';
import { admitTask } from './submitting/admit_task.ts';

/**
 * Runs a scan that failed or timed out again, as a new task that says which it repeats, since final is final. If it is among
 * the dead letters, its letter goes when the new task waits.
 *
 * @throws {NmcpError} `not_found`; `not_ready` while it has not ended; `conflict` when it was completed; `invalid_input`
 *   when its credentials are gone; `policy_denied`, `unavailable`, `storage`
 */
export const retryScan: Operation<{ task_id: string }, Task> = operation(
  { name: 'retry_scan', scope: 'scan', toolsets: ['scan'], changes: true },
  async (services, caller, { task_id }) => {
    const task = await requireOwnTask(services.tasks, task_id, caller);
    const { status, scanner_pool } = task;
    if (!isFinal(status))
      throw new NmcpError(
        'not_ready',
        `Task ${task.task_id} is ${status}; it can be retried only if it fails`,
      );
    if (status === 'completed')
      throw new NmcpError('conflict', `Task ${task.task_id} is completed; to scan again, submit a new scan`);
    return await repeat(services, caller, task, scanner_pool);
  },
);

/**
 * Makes the new task, and queues it. Its id is made from the dead one's and a number, so of several that ask for it at once
 * one makes it, and the others get it.
 */
export async function repeat(services: Services, caller: Caller, dead: Task, pool: PoolName): Promise<Task> {
  const { tasks, queue } = services;
  const { taskId, known } = await nextAttempt(services, dead);
  if (known) {
    await queue.removeDeadLetter(pool, dead.task_id);
    return known;
  }
  const fresh = await newAttempt(services, caller, dead, pool, taskId);
  let task: QueuedTask;
  try {
    task = await admitAttempt(services, caller, fresh);
  } catch (error) {
    if (!isNmcpError(error, 'conflict')) throw error;
    return await tasks.read(taskId); // somebody else asked for it at the same time
  }
  if (task.approval?.state !== 'pending') await enqueueTask(services, task);
  await queue.removeDeadLetter(pool, dead.task_id);
  return task;
}

/** The id of the next attempt, or the attempt that is under way. */
async function nextAttempt(
  { tasks, vault }: Services,
  { task_id, scanner_type }: Task,
): Promise<{ taskId: TaskId; known?: Task }> {
  for (let number = 1; ; number++) {
    const origin = await vault.fingerprint(`retry ${number} of ${task_id}`);
    const taskId = taskIdOf(scanner_type, 'retry', origin);
    const known = await tasks.read(taskId).catch((error: unknown) => {
      if (isNmcpError(error, 'not_found')) return undefined;
      throw error;
    });
    if (!known) return { taskId };
    if (known.status !== 'failed' && known.status !== 'timeout') return { taskId, known };
  }
}

/** What is only followed needs no policy to say whether it may be scanned. */
async function admitAttempt(services: Services, caller: Caller, fresh: QueuedTask): Promise<QueuedTask> {
  const note = { action: 'scan.retry', by: caller.name };
  if (!fresh.attached) return (await admitTask(services, fresh, note)).task;
  await services.audit.append({
    action: note.action,
    caller: note.by,
    decision: 'allowed',
    task_id: fresh.task_id,
    retry_of: fresh.retry_of ?? '',
  });
  await services.tasks.create(fresh);
  return fresh;
}

async function newAttempt(
  services: Services,
  caller: Caller,
  dead: Task,
  pool: PoolName,
  task_id: TaskId,
): Promise<QueuedTask> {
  const { scan_type, scanner_type, payload, attached, nessus_scan_id, scanner_instance_id } = dead;
  const now = services.clock();
  const credentials = await credentialsOf(services, caller, dead);
  return {
    ...queuedTask({
      task_id,
      trace_id: newTraceId(),
      scan_type,
      scanner_type,
      scanner_pool: pool,
      scanner_instance_id: null,
      payload: { ...payload, ...(credentials ? { credentials } : {}) },
      created_at: isoTime(now),
    }),
    ...(attached ? { attached, nessus_scan_id, scanner_instance_id } : {}),
    ...(dead.owner === undefined ? {} : { owner: dead.owner }),
    ...(dead.credential_targets ? { credential_targets: dead.credential_targets } : {}),
    // the same scan was approved before, and a person retries it
    ...(dead.approval?.state === 'approved' ? { approval: dead.approval } : {}),
    retry_of: dead.task_id,
  };
}

/** Credentials sealed to one task cannot be opened for another, so they are sealed again. */
async function credentialsOf(
  { vault }: Services,
  caller: Caller,
  { task_id, scan_type, payload: { credentials } }: Task,
): Promise<ScanCredentials | undefined> {
  if (scan_type === 'untrusted') return undefined;
  if (!hasScope(caller, 'scan:credentials'))
    throw new NmcpError(
      'policy_denied',
      'A scan with credentials needs the scope scan:credentials, which your token does not have',
      { title: 'Not allowed' },
    );
  if (credentials === undefined)
    throw new NmcpError(
      'invalid_input',
      'The credentials of the task were removed when it ended; submit a new scan with the credentials',
    );
  // of the kind that admit_task sealed
  return isSealed(credentials) ? ((await vault.open(task_id, credentials)) as ScanCredentials) : credentials;
}
