import type { Caller } from '@nmcp/access';
import type { ApprovalNeed } from '@nmcp/policy';
import { type EnqueueOutcome, requireAgreeingClock } from '@nmcp/queue';
import { queuedTask } from '@nmcp/tasks';
import { traceCarrier } from '@nmcp/telemetry';
import {
  isNmcpError,
  isoTime,
  newTaskId,
  newTraceId,
  type PoolName,
  type QueuedTask,
  type RunAuthenticatedScanInput,
  type RunUntrustedScanInput,
  scannerTypeOf,
  type Task,
} from '@nmcp/types';
import { enqueueTask } from '../enqueue_task.ts';
import { type Operation, operation } from '../operation.ts';
import { requirePool } from '../ownership.ts';
import type { Services } from '../services.ts';
import { type AdmittedTask, admitTask } from './admit_task.ts';
import { chooseCredentials } from './choose_credentials.ts';
import { giveBackHosts } from './day_limit.ts';
import { requireStartable } from './require_startable.ts';
import { scopeOf } from './scope_of.ts';
import { authenticated, type Submission, type SubmittedScan, untrusted } from './submission.ts';
import { findEarlier, keyConflict, originOf, type SubmissionOrigin } from './submission_origin.ts';
import { acceptedOutcome, approvalOutcome, queuedOutcome, repeatOutcome } from './submitted_scan.ts';

/**
 * Accepts a scan without credentials: checks it, asks the policy, writes task.json, then enqueues. A repeat with the same
 * idempotency key answers the first task, whose id is made from the key.
 *
 * @throws {NmcpError} `invalid_input`, `policy_denied`, `not_found` (pool, scanner), `conflict` (a key that was used for
 *   another request), `unavailable`, `storage`
 */
export const submitScan: Operation<RunUntrustedScanInput, SubmittedScan> = operation(
  { name: 'run_untrusted_scan', scope: 'scan', toolsets: ['scan'], changes: true },
  async (services, caller, input, signal) =>
    submit(services, caller, { ...untrusted(input), scope: await scopeOf(services, caller, input, signal) }),
);

/** Accepts a scan with credentials; see {@linkcode submitScan}. */
export const submitAuthenticatedScan: Operation<RunAuthenticatedScanInput, SubmittedScan> = operation(
  { name: 'run_authenticated_scan', scope: 'scan:credentials', toolsets: ['scan'], changes: true },
  async (services, caller, input, signal) =>
    submit(services, caller, {
      ...authenticated(input, await chooseCredentials(services, caller, input)),
      scope: await scopeOf(services, caller, input, signal),
    }),
);

async function submit(services: Services, caller: Caller, submission: Submission): Promise<SubmittedScan> {
  const { registry, queue, clock } = services;
  const { request } = submission;
  const pool = requirePool(registry, request.scanner_pool, caller);
  if (request.scanner_instance !== undefined) registry.requireScanner(pool, request.scanner_instance);
  await requireAgreeingClock(queue, clock);
  const origin = await originOf(services, caller, submission);
  if (origin) {
    const earlier = await findEarlier(services, origin);
    if (earlier) return await answerRepeat(services, origin, earlier);
  } else await queue.ping(); // nothing is accepted that cannot be queued

  const loading = await requireStartable(services, pool, request.scanner_instance);
  const asked = newTask(submission, pool, caller.name, services.clock(), origin);
  let admitted: AdmittedTask;
  try {
    admitted = await admitTask(services, asked, { action: 'scan.submit' });
  } catch (error) {
    if (!origin || !isNmcpError(error, 'conflict')) throw error;
    // the same request came twice at once, and the other one was first
    return await answerRepeat(services, origin, await services.tasks.read(origin.taskId));
  }
  const { task, need } = admitted;
  const submitted = need
    ? await holdForApproval(services, task, need, origin)
    : await enqueue(services, task, origin);
  return loading.length > 0 ? { ...submitted, loading } : submitted;
}

function newTask(
  { request, scanType, credentials, boundTo, scope }: Submission,
  pool: PoolName,
  owner: string,
  now: number,
  origin: SubmissionOrigin | undefined,
): QueuedTask {
  const scanner_type = scannerTypeOf(pool);
  const { targets, name, description, schema_profile, scanner_instance } = request;
  const task = queuedTask({
    task_id: origin?.taskId ?? newTaskId(scanner_type, { now: new Date(now) }),
    trace_id: newTraceId(),
    scan_type: scanType,
    scanner_type,
    scanner_pool: pool,
    scanner_instance_id: scanner_instance ?? null,
    payload: {
      ...{ targets, name, description, schema_profile },
      ...(scope ? { scope } : {}),
      ...(credentials ? { credentials } : {}),
    },
    created_at: isoTime(now),
  });
  const request_hash = origin?.idempotency.requestHash;
  return {
    ...task,
    owner,
    ...(boundTo ? { credential_targets: boundTo } : {}),
    ...(request_hash ? { request_hash } : {}),
    ...traceCarrier(),
  };
}

/** The task stands in no queue until somebody approves it. */
async function holdForApproval(
  services: Services,
  task: QueuedTask,
  need: ApprovalNeed,
  origin: SubmissionOrigin | undefined,
): Promise<SubmittedScan> {
  const { task_id, trace_id, scanner_pool: pool, approval } = task;
  // a v3.0 system beside ours may have used the key
  const first = origin && (await services.queue.remember(origin.idempotency, task_id));
  if (first && first.taskId !== task_id) return await yieldTo(services, origin, task, first);
  services.log.info({ task_id, trace_id, pool, reason: approval?.reason }, 'task waits for approval');
  return approvalOutcome(task, need);
}

async function enqueue(
  services: Services,
  task: QueuedTask,
  origin: SubmissionOrigin | undefined,
): Promise<SubmittedScan> {
  const outcome = await enqueueTask(services, task, origin?.idempotency);
  if (outcome?.kind === 'enqueued') return await queuedOutcome(services, task, outcome.depth);
  if (outcome && origin && outcome.taskId !== task.task_id)
    return await yieldTo(services, origin, task, outcome);
  return acceptedOutcome(task);
}

/** Somebody else, such as a v3.0 system beside ours, has used the key for another task: ours was queued nowhere. */
async function yieldTo(
  services: Services,
  origin: SubmissionOrigin,
  task: QueuedTask,
  first: Exclude<EnqueueOutcome, { kind: 'enqueued' }>,
): Promise<SubmittedScan> {
  await services.tasks.remove(task.task_id);
  await giveBackHosts(services, task);
  if (first.kind === 'conflict') throw keyConflict(first.taskId);
  return await answerRepeat(services, origin, await services.tasks.read(first.taskId));
}

async function answerRepeat(
  services: Services,
  { idempotency }: SubmissionOrigin,
  earlier: Task,
): Promise<SubmittedScan> {
  if (earlier.request_hash !== undefined && earlier.request_hash !== idempotency.requestHash)
    throw keyConflict(earlier.task_id);
  return await repeatOutcome(services, earlier);
}
