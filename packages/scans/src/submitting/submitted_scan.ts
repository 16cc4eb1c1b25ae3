import type { ApprovalNeed } from '@nmcp/policy';
import { withoutLogin } from '@nmcp/registry';
import type { Task } from '@nmcp/types';
import { whyWaiting } from '../checking/why_waiting.ts';
import type { Services } from '../services.ts';
import type { ApprovalQuestion, SubmittedScan } from './submission.ts';
import { estimateWait } from './wait_estimate.ts';

type PlacementSources = Pick<Services, 'registry' | 'tasks' | 'clock' | 'queue'>;

/** For a task that was just queued. */
export async function queuedOutcome(
  sources: PlacementSources,
  task: Task,
  depth: number,
): Promise<SubmittedScan> {
  const { scanner_pool: pool, scanner_instance_id: instance } = task;
  // a store that is away by now has the task all the same
  const waits = await whyWaiting(sources, pool, instance ?? undefined).catch(() => []);
  return {
    task,
    outcome: 'queued',
    ...(await placement(sources, task)),
    queue_position: depth,
    estimated_wait_minutes: waits.length > 0 ? null : await estimateWait(sources, pool, depth),
    ...(waits.length > 0 ? { waits } : {}),
  };
}

/** For a task of which nobody knows yet whether its queue has it; the reconciliation sees to that. */
export function acceptedOutcome(task: Task): SubmittedScan {
  return unqueued(task, 'queued');
}

/** For a task that stands in no queue until it is approved. */
export function approvalOutcome(task: Task, need: ApprovalNeed): SubmittedScan {
  return { ...unqueued(task, 'approval'), ...(need.by === 'user' ? { question: questionOf(task) } : {}) };
}

/** For a task that was refused, and does not run. */
export function refusedOutcome(task: Task): SubmittedScan {
  return unqueued(task, 'refused');
}

/** For a task that an earlier call created. */
export async function repeatOutcome(sources: PlacementSources, task: Task): Promise<SubmittedScan> {
  return { ...unqueued(task, 'repeat'), ...(await placement(sources, task)) };
}

function unqueued(task: Task, outcome: SubmittedScan['outcome']): SubmittedScan {
  return {
    task,
    outcome,
    scanner_instance: task.scanner_instance_id,
    scanner_url: null,
    queue_position: null,
    estimated_wait_minutes: null,
  };
}

/** The question about a task that waits for approval. */
export function questionOf({ task_id, payload, scan_type, scanner_pool, approval }: Task): ApprovalQuestion {
  const { targets, name } = payload;
  return {
    task_id,
    reason: approval?.reason ?? 'the policy requires it',
    targets,
    name,
    scan_type,
    scanner_pool,
  };
}

/** The requested scanner, or the one that would be chosen now. */
async function placement(
  { registry }: Pick<Services, 'registry'>,
  { scanner_pool: pool, scanner_instance_id: asked }: Task,
): Promise<Pick<SubmittedScan, 'scanner_instance' | 'scanner_url'>> {
  const scanners = await registry.list(pool).catch(() => []);
  const preview = asked ?? (await registry.preview(pool))?.instance_id;
  const scanner = scanners.find((candidate) => candidate.instance_id === preview);
  return { scanner_instance: preview ?? null, scanner_url: scanner ? withoutLogin(scanner.url) : null };
}
