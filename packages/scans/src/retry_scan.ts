import { type Caller, hasScope } from '@nmcp/access';
import { entryOf, queuedTask } from '@nmcp/tasks';
import {
  isFinal,
  isoTime,
  isSealed,
  NmcpError,
  newTaskId,
  newTraceId,
  type PoolName,
  type QueuedTask,
  type ScanCredentials,
  type Task,
} from '@nmcp/types';
import { type Operation, operation } from './operation.ts';
import { requireTask } from './ownership.ts';
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
    const task = await requireTask(services.tasks, task_id, caller);
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

/** Creates the new task and queues it. */
export async function repeat(services: Services, caller: Caller, dead: Task, pool: PoolName): Promise<Task> {
  const { tasks, queue, metrics, audit } = services;
  const fresh = await newAttempt(services, caller, dead, pool);
  const note = { action: 'scan.retry', by: caller.name };
  if (fresh.attached) {
    // it is only followed, so the policy does not apply
    const { action, by } = note;
    await audit.append({
      action,
      caller: by,
      decision: 'allowed',
      task_id: fresh.task_id,
      retry_of: dead.task_id,
    });
    await tasks.create(fresh);
  }
  const { task, need } = fresh.attached
    ? { task: fresh, need: undefined }
    : await admitTask(services, fresh, note);
  if (!need || task.approval?.state === 'approved') {
    // if this is lost, reconciliation finds a queued task that is in no queue
    await queue.enqueue(entryOf(task));
    metrics.scans.inc({ scan_type: task.scan_type, status: 'queued' });
  }
  await queue.removeDeadLetter(pool, dead.task_id);
  return task;
}

async function newAttempt(
  services: Services,
  caller: Caller,
  dead: Task,
  pool: PoolName,
): Promise<QueuedTask> {
  const { scan_type, scanner_type, payload, attached, nessus_scan_id, scanner_instance_id } = dead;
  const now = services.clock();
  const credentials = await credentialsOf(services, caller, dead);
  return {
    ...queuedTask({
      task_id: newTaskId(scanner_type, { now: new Date(now) }),
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
