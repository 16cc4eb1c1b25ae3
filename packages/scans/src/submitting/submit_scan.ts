import { type Caller, LOCAL_CALLER } from '@nmcp/access';
import type { EnqueueOutcome, Idempotency } from '@nmcp/queue';
import { entryOf, queuedTask } from '@nmcp/tasks';
import { traceCarrier } from '@nmcp/telemetry';
import {
  isoTime,
  NmcpError,
  newTaskId,
  newTraceId,
  type PoolName,
  type QueuedTask,
  type RunAuthenticatedScanInput,
  type RunUntrustedScanInput,
  scannerTypeOf,
} from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requirePool } from '../ownership.ts';
import type { Services } from '../services.ts';
import { admitTask } from './admit_task.ts';
import { chooseCredentials } from './choose_credentials.ts';
import { hashRequest } from './hash_request.ts';
import { authenticated, type Submission, type SubmittedScan, untrusted } from './submission.ts';
import { approvalOutcome, queuedOutcome, repeatOutcome } from './submitted_scan.ts';

/**
 * Accepts a scan without credentials: validates it, checks the policy, writes task.json, then enqueues. The check of the
 * idempotency key and the enqueue are one step; a repeat answers the first task.
 *
 * @throws {NmcpError} `invalid_input`, `policy_denied`, `not_found` (pool, scanner), `conflict` (a key that was used for
 *   another request), `unavailable`, `storage`
 */
export const submitScan: Operation<RunUntrustedScanInput, SubmittedScan> = operation(
  { name: 'run_untrusted_scan', scope: 'scan', toolsets: ['scan'], changes: true },
  (services, caller, input) => submit(services, caller, untrusted(input)),
);

/** Accepts a scan with credentials; see {@linkcode submitScan}. */
export const submitAuthenticatedScan: Operation<RunAuthenticatedScanInput, SubmittedScan> = operation(
  { name: 'run_authenticated_scan', scope: 'scan:credentials', toolsets: ['scan'], changes: true },
  async (services, caller, input) =>
    submit(services, caller, authenticated(input, await chooseCredentials(services, caller, input))),
);

async function submit(services: Services, caller: Caller, submission: Submission): Promise<SubmittedScan> {
  const { registry, queue, metrics, log } = services;
  const { request } = submission;
  const pool = requirePool(registry, request.scanner_pool, caller);
  if (request.scanner_instance !== undefined) registry.requireScanner(pool, request.scanner_instance);
  const idempotency = await idempotencyOf(services, caller, submission);
  const earlier = idempotency && (await queue.lookUp(idempotency));
  if (earlier) return await answerRepeat(services, earlier);

  const asked = newTask(submission, pool, caller.name, services.clock());
  const { task, need } = await admitTask(services, asked, { action: 'scan.submit' });
  if (need) {
    const first = await holdForApproval(services, task, idempotency);
    return first ? await answerRepeat(services, first) : approvalOutcome(task, need);
  }
  const outcome = await enqueue(services, task, idempotency);
  if (outcome.kind !== 'enqueued') return await answerRepeat(services, outcome);

  const { task_id, trace_id, scan_type } = task;
  metrics.scans.inc({ scan_type, status: 'queued' });
  log.info({ task_id, trace_id, pool, scan_type }, 'task queued');
  return await queuedOutcome(services, task, outcome.depth);
}

function newTask(
  { request, scanType, credentials }: Submission,
  pool: PoolName,
  owner: string,
  now: number,
): QueuedTask {
  const scanner_type = scannerTypeOf(pool);
  const { targets, name, description, schema_profile, scanner_instance } = request;
  const task = queuedTask({
    task_id: newTaskId(scanner_type, { now: new Date(now) }),
    trace_id: newTraceId(),
    scan_type: scanType,
    scanner_type,
    scanner_pool: pool,
    scanner_instance_id: scanner_instance ?? null,
    payload: { targets, name, description, schema_profile, ...(credentials ? { credentials } : {}) },
    created_at: isoTime(now),
  });
  return { ...task, owner, ...traceCarrier() };
}

/** What an idempotency key was used for before. */
type EarlierUse = Exclude<EnqueueOutcome, { kind: 'enqueued' }>;

/** The task is in no queue until it is approved. @returns the first use of the key, when this is not it */
async function holdForApproval(
  { tasks, queue, log }: Services,
  { task_id, trace_id, scanner_pool, approval }: QueuedTask,
  idempotency: Idempotency | undefined,
): Promise<EarlierUse | undefined> {
  const first = idempotency && (await queue.remember(idempotency, task_id));
  if (first) await tasks.remove(task_id);
  else
    log.info(
      { task_id, trace_id, pool: scanner_pool, reason: approval?.reason },
      'task is waiting for approval',
    );
  return first;
}

/** A task that could not be enqueued leaves nothing behind. */
async function enqueue(
  { queue, tasks }: Services,
  task: QueuedTask,
  idempotency: Idempotency | undefined,
): Promise<EnqueueOutcome> {
  let outcome: EnqueueOutcome | undefined;
  try {
    outcome = await queue.enqueue(entryOf(task), idempotency ? { idempotency } : {});
    return outcome;
  } finally {
    if (outcome?.kind !== 'enqueued') await tasks.remove(task.task_id);
  }
}

async function idempotencyOf(
  { vault }: Services,
  caller: Caller,
  { request: { idempotency_key: key, ...request }, scanType, credentials }: Submission,
): Promise<Idempotency | undefined> {
  if (key === undefined) return undefined;
  // the hash is in the queue's store and must not allow guessing passwords
  const secrets = credentials && (await vault.fingerprint(JSON.stringify(credentials)));
  const requestHash = await hashRequest({ ...request, scanType, credentials: secrets });
  // v3.0 had one caller; every other caller has a key space of its own
  const ownKey = caller.name === LOCAL_CALLER.name ? key : `${caller.name}:${key}`;
  return { key: ownKey, requestHash };
}

async function answerRepeat(services: Services, { kind, taskId }: EarlierUse): Promise<SubmittedScan> {
  if (kind === 'conflict')
    throw new NmcpError(
      'conflict',
      `This idempotency key was used for another request, which created the task ${taskId}; use a new key`,
      { title: 'Conflict' },
    );
  return await repeatOutcome(services, await services.tasks.read(taskId));
}
