import { LOCAL_CALLER } from '@nmcp/access';
import type { Admission } from '@nmcp/policy';
import type { EnqueueOutcome, Idempotency } from '@nmcp/queue';
import { withoutLogin } from '@nmcp/registry';
import { entryOf, queuedTask } from '@nmcp/tasks';
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
import type { ToolCall } from './define_tool.ts';
import { hashRequest } from './hash_request.ts';
import { ownPool } from './own_task.ts';
import type { Services } from './services.ts';

/** v3.0's guess of how long a scan holds a slot, in minutes. */
const MINUTES_A_SCAN = 15;
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
 * @throws {NmcpError} `invalid_input`, `not_found` (pool, scanner), `conflict`, `unavailable`, `storage`
 */
export async function submitScan(
  submission: Submission,
  services: Services,
  call: ToolCall,
): Promise<SubmitScanOutput> {
  const { input } = submission;
  const { registry, queue, tasks, metrics, log } = services;
  const pool = ownPool(registry, input.scanner_pool, call.caller);
  if (input.scanner_instance !== undefined) registry.requireScanner(pool, input.scanner_instance);
  const idempotency = await idempotencyOf(submission, call, services.vault);
  const earlier = idempotency && (await queue.lookUp(idempotency));
  if (earlier) return await answerRepeat(earlier, services);

  const asked = newTask(submission, pool, call.caller.name, services.clock());
  const { targets } = await decide(asked, services, call);
  const task = await prepared(asked, targets, services);
  if (task.approval) return await holdForApproval(task, services, idempotency);
  await tasks.create(task);
  const outcome = await enqueue(services, task, idempotency);
  if (outcome.kind !== 'enqueued') return await answerRepeat(outcome, services);

  metrics.scans.inc({ scan_type: task.scan_type, status: 'queued' });
  log.info(
    { task_id: task.task_id, trace_id: task.trace_id, pool, scan_type: task.scan_type },
    'task queued',
  );
  return {
    task_id: task.task_id,
    trace_id: task.trace_id,
    status: 'queued',
    scan_type: task.scan_type,
    scanner_pool: pool,
    ...(await placement(services, pool, input.scanner_instance)),
    queue_position: outcome.depth,
    estimated_wait_minutes: await estimateWait(services, pool, outcome.depth),
    message:
      'Scan queued. Follow it with get_scan_status; when it is completed, read it with get_scan_results.',
  };
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
  return { ...task, owner };
}

/**
 * Credentials are sealed before they touch a file; a scan that needs a person's yes says so.
 *
 * @param targets with names pinned to their addresses, which a rule may be about
 */
async function prepared(
  task: QueuedTask,
  targets: string,
  { vault, policy, clock, approvalHours }: Services,
): Promise<QueuedTask> {
  const { payload, scanner_pool: pool, owner: caller = '' } = task;
  const { credentials } = payload;
  const reason = policy.approvalReason({ targets, pool, caller, credentialed: credentials !== undefined });
  const expires_at = isoTime(clock() + approvalHours * 3_600_000);
  return {
    ...task,
    ...(reason === undefined ? {} : { approval: { state: 'pending' as const, reason, expires_at } }),
    payload: {
      ...payload,
      ...(credentials ? { credentials: await vault.seal(task.task_id, credentials) } : {}),
    },
  };
}

/** The task is written, and stands in no queue until somebody says yes. */
async function holdForApproval(
  task: QueuedTask,
  services: Services,
  idempotency: Idempotency | undefined,
): Promise<SubmitScanOutput> {
  const { tasks, queue, log } = services;
  const { task_id, trace_id, scan_type, scanner_pool, approval } = task;
  await tasks.create(task);
  if (idempotency) {
    const first = await queue.remember(idempotency, task_id);
    if (first) {
      await tasks.remove(task_id);
      return await answerRepeat(first, services);
    }
  }
  log.info({ task_id, trace_id, pool: scanner_pool, reason: approval?.reason }, 'task waits for approval');
  return {
    task_id,
    trace_id,
    status: 'queued',
    scan_type,
    scanner_pool,
    scanner_instance: task.scanner_instance_id,
    scanner_url: null,
    queue_position: null,
    estimated_wait_minutes: null,
    approval: 'pending',
    message: `The scan waits for a person's yes, since ${approval?.reason}. Tell the user to run: nmcp-admin approve ${task_id}. Follow it with get_scan_status.`,
  };
}

const DAY_MS = 86_400_000;

/** Asks the policy, and writes down what it said before anything is done. @throws {NmcpError} `policy_denied` */
async function decide(task: QueuedTask, services: Services, call: ToolCall): Promise<Admission> {
  const { task_id, scanner_pool: pool, scan_type, payload, scanner_instance_id } = task;
  const facts = {
    action: 'scan.submit',
    caller: call.caller.name,
    pool,
    targets: payload.targets,
    scan_type,
    ...(scanner_instance_id === null ? {} : { scanner: scanner_instance_id }),
  };
  let admission: Admission;
  try {
    admission = await admit(payload.targets, pool, services, call);
  } catch (error) {
    await services.audit.append({ ...facts, decision: 'denied', reason: messageOf(error) });
    throw error;
  }
  await services.audit.append({ ...facts, task_id, decision: 'allowed' });
  return admission;
}

/** @throws {NmcpError} `policy_denied` */
async function admit(
  targets: string,
  pool: PoolName,
  { policy, tasks, clock }: Services,
  { caller }: ToolCall,
): Promise<Admission> {
  const { maxHostsPerDay } = policy.limits(pool, caller.name);
  let hostsToday = 0n;
  if (maxHostsPerDay !== Number.POSITIVE_INFINITY) {
    const since = clock() - DAY_MS;
    for (const task of await tasks.list()) {
      if (task.owner !== caller.name || task.attached || parseTime(task.created_at) < since) continue;
      hostsToday += countAddresses(parseTargets(task.payload.targets));
    }
  }
  return await policy.admit({ targets, pool, caller: caller.name, hostsToday });
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
  const task = await services.tasks.read(outcome.taskId);
  return {
    task_id: task.task_id,
    trace_id: task.trace_id,
    status: task.status,
    scan_type: task.scan_type,
    scanner_pool: task.scanner_pool,
    ...(await placement(services, task.scanner_pool, task.scanner_instance_id ?? undefined)),
    queue_position: null,
    estimated_wait_minutes: null,
    message: `A call with this idempotency key was answered before: its task is ${task.status}.`,
    idempotent: true,
  };
}

/** The scanner asked for, or the one that would be taken at this moment. */
async function placement(
  { registry }: Services,
  pool: PoolName,
  instanceId: string | undefined,
): Promise<Pick<SubmitScanOutput, 'scanner_instance' | 'scanner_url'>> {
  const scanners = await registry.list(pool).catch(() => []);
  const preview = instanceId ?? (await registry.preview(pool))?.instance_id;
  const scanner = scanners.find((candidate) => candidate.instance_id === preview);
  return { scanner_instance: preview ?? null, scanner_url: scanner ? withoutLogin(scanner.url) : null };
}

async function estimateWait({ registry }: Services, pool: PoolName, position: number): Promise<number> {
  const { total_capacity, available_capacity } = await registry.status(pool);
  if (position <= available_capacity) return 0;
  return Math.ceil((position - available_capacity) / Math.max(1, total_capacity)) * MINUTES_A_SCAN;
}
