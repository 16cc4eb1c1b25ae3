import { LOCAL_CALLER } from '@nmcp/access';
import { type ApprovalNeed, lookUpFacts } from '@nmcp/policy';
import { isoTime, messageOf, type QueuedTask } from '@nmcp/types';
import type { Services } from '../services.ts';
import { withDayLimit } from './day_limit.ts';

/** A task that was written, and why it needs approval, if it does. */
export interface AdmittedTask {
  task: QueuedTask;
  need: ApprovalNeed | undefined;
}

/** Options of {@linkcode admitTask}. */
export interface AdmitOptions {
  /** Action in the audit log, such as `scan.submit`. */
  action: string;
  /** Name of the caller, if not the task's owner. */
  by?: string | undefined;
}

/**
 * Checks a task against the policy, audits the decision, and writes the task: with its credentials sealed, and pending if it
 * needs approval. A task that is denied is not written.
 *
 * @throws {NmcpError} `policy_denied`; `invalid_input` for targets that are none; `unavailable`, `storage`
 */
export async function admitTask(
  services: Services,
  asked: QueuedTask,
  options: AdmitOptions,
): Promise<AdmittedTask> {
  return await withDayLimit(services, asked, async (hostsToday) => {
    const targets = await decide(services, asked, hostsToday, options);
    const need = approvalNeed(services, asked, targets);
    const task = await prepare(services, asked, need);
    await services.tasks.create(task);
    return { task, need };
  });
}

/**
 * Whether a task needs approval.
 *
 * @param targets with names pinned to their addresses, since a rule may be about these
 */
export function approvalNeed(
  { policy }: Pick<Services, 'policy'>,
  {
    payload,
    scanner_pool: pool,
    owner: caller = LOCAL_CALLER.name,
  }: Pick<QueuedTask, 'payload' | 'scanner_pool' | 'owner'>,
  targets: string,
): ApprovalNeed | undefined {
  return policy.approvalNeed({ targets, pool, caller, credentialed: payload.credentials !== undefined });
}

/** Checks the policy, and audits the decision before anything is done. @returns the targets, with names pinned */
async function decide(
  { policy, audit }: Services,
  task: QueuedTask,
  hostsToday: bigint,
  { action, by }: AdmitOptions,
): Promise<string> {
  const {
    task_id,
    scanner_pool: pool,
    scan_type,
    payload,
    scanner_instance_id,
    owner = LOCAL_CALLER.name,
  } = task;
  const { targets } = payload;
  const facts = {
    ...{ action, caller: by ?? owner, pool, targets, scan_type },
    ...(scanner_instance_id === null ? {} : { scanner: scanner_instance_id }),
    ...(task.retry_of === undefined ? {} : { retry_of: task.retry_of }),
  };
  try {
    const boundTo = task.credential_targets;
    const admission = await policy.admit({ targets, pool, caller: owner, hostsToday, boundTo });
    await audit.append({ ...facts, ...lookUpFacts(admission), task_id, decision: 'allowed' });
    return admission.targets;
  } catch (error) {
    await audit.append({ ...facts, decision: 'denied', reason: messageOf(error) });
    throw error;
  }
}

/** Credentials are sealed before they reach a file; a scan that needs approval is marked as pending. */
async function prepare(
  { vault, clock, approvalHours }: Services,
  task: QueuedTask,
  need: ApprovalNeed | undefined,
): Promise<QueuedTask> {
  const { payload, approval } = task;
  const { credentials } = payload;
  const expires_at = isoTime(clock() + approvalHours * 3_600_000);
  const isApproved = approval?.state === 'approved';
  return {
    ...task,
    ...(need && !isApproved
      ? { approval: { state: 'pending' as const, reason: need.reason, expires_at } }
      : {}),
    payload: {
      ...payload,
      ...(credentials ? { credentials: await vault.seal(task.task_id, credentials) } : {}),
    },
  };
}
