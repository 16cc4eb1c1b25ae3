import { withoutLogin } from '@nmcp/registry';
import type { PoolName, SubmitScanOutput, Task } from '@nmcp/types';
import type { Services } from './services.ts';

/** v3.0's guess of how long a scan holds a slot, in minutes. */
const MINUTES_A_SCAN = 15;

/** What a submission answers for a task that has just got into its queue. */
export async function queuedAnswer(task: Task, depth: number, services: Services): Promise<SubmitScanOutput> {
  return {
    ...factsOf(task),
    ...(await placement(task, services)),
    queue_position: depth,
    estimated_wait_minutes: await estimateWait(services, task.scanner_pool, depth),
    message:
      'Scan queued. Follow it with get_scan_status; when it is completed, read it with get_scan_results.',
  };
}

/** For a task that stands in no queue. */
export function waitingAnswer(task: Task, message: string): SubmitScanOutput {
  return {
    ...factsOf(task),
    scanner_instance: task.scanner_instance_id,
    scanner_url: null,
    queue_position: null,
    estimated_wait_minutes: null,
    ...(task.approval ? { approval: task.approval.state } : {}),
    message,
  };
}

/** For a task that an earlier call made. */
export async function repeatAnswer(task: Task, services: Services): Promise<SubmitScanOutput> {
  return {
    ...factsOf(task),
    ...(await placement(task, services)),
    queue_position: null,
    estimated_wait_minutes: null,
    message: `A call with this idempotency key was answered before: its task is ${task.status}.`,
    idempotent: true,
  };
}

function factsOf({ task_id, trace_id, status, scan_type, scanner_pool }: Task) {
  return { task_id, trace_id, status, scan_type, scanner_pool };
}

/** The scanner asked for, or the one that would be taken at this moment. */
async function placement(
  { scanner_pool: pool, scanner_instance_id: asked }: Task,
  { registry }: Services,
): Promise<Pick<SubmitScanOutput, 'scanner_instance' | 'scanner_url'>> {
  const scanners = await registry.list(pool).catch(() => []);
  const preview = asked ?? (await registry.preview(pool))?.instance_id;
  const scanner = scanners.find((candidate) => candidate.instance_id === preview);
  return { scanner_instance: preview ?? null, scanner_url: scanner ? withoutLogin(scanner.url) : null };
}

async function estimateWait({ registry }: Services, pool: PoolName, position: number): Promise<number> {
  const { total_capacity, available_capacity } = await registry.status(pool);
  if (position <= available_capacity) return 0;
  return Math.ceil((position - available_capacity) / Math.max(1, total_capacity)) * MINUTES_A_SCAN;
}
