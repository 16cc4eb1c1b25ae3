import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { LOCAL_CALLER } from '@nmcp/access';
import { withFileLock } from '@nmcp/files';
import type { Admission, ApprovalNeed } from '@nmcp/policy';
import type { EnqueueOutcome, Idempotency } from '@nmcp/queue';
import { entryOf, queuedTask } from '@nmcp/tasks';
import { traceCarrier } from '@nmcp/telemetry';
import {
  countAddresses,
  isoTime,
  messageOf,
  NmcpError,
  newTaskId,
  newTraceId,
  type PoolName,
  parseTargets,
  parseTime,
  type QueuedTask,
  type RunUntrustedScanInput,
  type ScanCredentials,
  type ScanType,
  type SubmitScanOutput,
  scannerTypeOf,
  type TaskId,
} from '@nmcp/types';
import type { Vault } from '@nmcp/vault';
import { ApprovalQuestion, howToApprove } from './approval_question.ts';
import type { ToolCall } from './define_tool.ts';
import { hashRequest } from './hash_request.ts';
import { ownPool } from './own_task.ts';
import type { Services } from './services.ts';
import { queuedAnswer, repeatAnswer, waitingAnswer } from './submission_answer.ts';

const KEY_PATTERN = /^[\x21-\x7e]{1,200}$/;

/** What a submission is made of. */
export interface Submission {
  /** What the caller sent; hashed to tell an honest repeat from another request under the same key. */
  input: RunUntrustedScanInput;
  scanType: ScanType;
  credentials?: ScanCredentials | undefined;
}

/**
 * Accepts a scan: checks it, writes task.json, then enqueues. The check of the idempotency key and the enqueue are one
 * step; a repeat answers the first task.
 *
 * @returns a question instead of an answer when the person at the client has to say yes first
 *
 * @throws {NmcpError} `invalid_input`, `not_found` (pool, scanner), `conflict`, `unavailable`, `storage`
 */
export async function submitScan(
  submission: Submission,
  services: Services,
  call: ToolCall,
): Promise<SubmitScanOutput | ApprovalQuestion> {
  const { input } = submission;
  const { registry, queue, tasks, metrics, log } = services;
  const pool = ownPool(registry, input.scanner_pool, call.caller);
  if (input.scanner_instance !== undefined) registry.requireScanner(pool, input.scanner_instance);
  const idempotency = await idempotencyOf(submission, call, services.vault);
  const earlier = idempotency && (await queue.lookUp(idempotency));
  if (earlier) return await answerRepeat(earlier, services);

  const asked = newTask(submission, pool, call.caller.name, services.clock());
  const { task, need } = await withDayLimit(asked, services, async (hostsToday) => {
    const { targets } = await decide(asked, hostsToday, services);
    const need = approvalNeed(asked, targets, services);
    const task = await prepared(asked, need, services);
    await tasks.create(task);
    return { task, need };
  });
  if (need) return await holdForApproval(task, services, idempotency, call.canAsk && need.by === 'user');
  const outcome = await enqueue(services, task, idempotency);
  if (outcome.kind !== 'enqueued') return await answerRepeat(outcome, services);

  metrics.scans.inc({ scan_type: task.scan_type, status: 'queued' });
  log.info(
    { task_id: task.task_id, trace_id: task.trace_id, pool, scan_type: task.scan_type },
    'task queued',
  );
  return await queuedAnswer(task, outcome.depth, services);
}

function newTask(
  { input, scanType, credentials }: Submission,
  pool: PoolName,
  owner: string,
  now: number,
): QueuedTask {
  const scanner_type = scannerTypeOf(pool);
  const task = queuedTask({
    task_id: newTaskId(scanner_type, { now: new Date(now) }),
    trace_id: newTraceId(),
    scan_type: scanType,
    scanner_type,
    scanner_pool: pool,
    scanner_instance_id: input.scanner_instance ?? null,
    payload: {
      targets: input.targets,
      name: input.name,
      description: input.description,
      schema_profile: input.schema_profile,
      ...(credentials ? { credentials } : {}),
    },
    created_at: isoTime(now),
  });
  return { ...task, owner, ...traceCarrier() };
}

/** @param targets with names pinned to their addresses, which a rule may be about */
function approvalNeed(
  { payload, scanner_pool: pool, owner: caller = '' }: QueuedTask,
  targets: string,
  { policy }: Services,
): ApprovalNeed | undefined {
  return policy.approvalNeed({ targets, pool, caller, credentialed: payload.credentials !== undefined });
}

/** Credentials are sealed before they touch a file; a scan that needs a person's yes says so. */
async function prepared(
  task: QueuedTask,
  need: ApprovalNeed | undefined,
  { vault, clock, approvalHours }: Services,
): Promise<QueuedTask> {
  const { payload } = task;
  const { credentials } = payload;
  const expires_at = isoTime(clock() + approvalHours * 3_600_000);
  return {
    ...task,
    ...(need ? { approval: { state: 'pending' as const, reason: need.reason, expires_at } } : {}),
    payload: {
      ...payload,
      ...(credentials ? { credentials: await vault.seal(task.task_id, credentials) } : {}),
    },
  };
}

/** The task stands in no queue until somebody says yes. */
async function holdForApproval(
  task: QueuedTask,
  services: Services,
  idempotency: Idempotency | undefined,
  mayAsk: boolean,
): Promise<SubmitScanOutput | ApprovalQuestion> {
  const { tasks, queue, log } = services;
  const { task_id, trace_id, scanner_pool, approval } = task;
  if (idempotency) {
    const first = await queue.remember(idempotency, task_id);
    if (first) {
      await tasks.remove(task_id);
      return await answerRepeat(first, services);
    }
  }
  log.info({ task_id, trace_id, pool: scanner_pool, reason: approval?.reason }, 'task waits for approval');
  return mayAsk ? new ApprovalQuestion(task) : waitingAnswer(task, howToApprove(task));
}

const DAY_MS = 86_400_000;

/**
 * Asks the policy, and writes down what it said before anything is done.
 *
 * @throws {NmcpError} `policy_denied`
 */
async function decide(task: QueuedTask, hostsToday: bigint, { policy, audit }: Services): Promise<Admission> {
  const { task_id, scanner_pool: pool, scan_type, payload, scanner_instance_id, owner = '' } = task;
  const { targets } = payload;
  const facts = {
    action: 'scan.submit',
    caller: owner,
    pool,
    targets,
    scan_type,
    ...(scanner_instance_id === null ? {} : { scanner: scanner_instance_id }),
  };
  let admission: Admission;
  try {
    admission = await policy.admit({ targets, pool, caller: owner, hostsToday });
  } catch (error) {
    await audit.append({ ...facts, decision: 'denied', reason: messageOf(error) });
    throw error;
  }
  await audit.append({ ...facts, task_id, decision: 'allowed' });
  return admission;
}

/**
 * Runs what accepts a task with the number of addresses that its owner had scanned in the last 24 hours. Where there is a
 * limit, no other submission of the owner's is accepted meanwhile, in any process: each sees those before it.
 */
async function withDayLimit<T>(
  { scanner_pool: pool, owner = '' }: QueuedTask,
  { policy, tasks, clock }: Services,
  accept: (hostsToday: bigint) => Promise<T>,
): Promise<T> {
  if (policy.limits(pool, owner).maxHostsPerDay === Number.POSITIVE_INFINITY) return await accept(0n);
  const name = createHash('sha256').update(owner).digest('hex').slice(0, 16);
  return await withFileLock(join(tasks.dataDir, `.day-${name}.lock`), async () => {
    const since = clock() - DAY_MS;
    const today = (await tasks.list()).filter(
      (task) => task.owner === owner && !task.attached && parseTime(task.created_at) >= since,
    );
    return await accept(
      today.reduce((sum, { payload }) => sum + countAddresses(parseTargets(payload.targets)), 0n),
    );
  });
}

/** A task that did not get into the queue leaves nothing. */
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
  { input, scanType, credentials }: Submission,
  { headers, caller }: ToolCall,
  vault: Vault,
): Promise<Idempotency | undefined> {
  const { idempotency_key: fromInput, ...request } = input;
  const fromHeader = headers.get('x-idempotency-key') ?? undefined;
  if (fromHeader !== undefined && !KEY_PATTERN.test(fromHeader)) {
    throw new NmcpError(
      'invalid_input',
      'X-Idempotency-Key: expected 1 to 200 printable characters without blanks',
      { title: 'Invalid input' },
    );
  }
  if (fromInput !== undefined && fromHeader !== undefined && fromInput !== fromHeader) {
    throw new NmcpError(
      'invalid_input',
      'The argument idempotency_key and the header X-Idempotency-Key differ; send one of them, or the same in both',
      { title: 'Invalid input' },
    );
  }
  const key = fromInput ?? fromHeader;
  if (key === undefined) return undefined;
  // the hash stands in the queue's store: nobody may try passwords against it
  const secrets = credentials && (await vault.fingerprint(JSON.stringify(credentials)));
  const requestHash = await hashRequest({ ...request, scanType, credentials: secrets });
  // v3.0 had one caller; the keys of others are their own
  const ownKey = caller.name === LOCAL_CALLER.name ? key : `${caller.name}:${key}`;
  return { key: ownKey, requestHash };
}

async function answerRepeat(
  outcome: { kind: 'duplicate' | 'conflict'; taskId: TaskId },
  services: Services,
): Promise<SubmitScanOutput> {
  if (outcome.kind === 'conflict') {
    throw new NmcpError(
      'conflict',
      `This idempotency key was used for another request, which made the task ${outcome.taskId}; use a new key`,
      { title: 'Conflict' },
    );
  }
  return await repeatAnswer(await services.tasks.read(outcome.taskId), services);
}
