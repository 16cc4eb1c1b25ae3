import type { Caller } from '@nmcp/access';
import { cleanText } from '@nmcp/schema';
import { expireApproval, followTask, TaskFeed } from '@nmcp/tasks';
import {
  type GetScanStatusInput,
  isNmcpError,
  type ScanStatusOutput,
  type Task,
  type WaitForScanInput,
} from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requireVisibleTask } from '../ownership.ts';
import type { Services } from '../services.ts';
import { placementOf } from './placement.ts';
import { scanStatus } from './scan_status.ts';
import { verifiedBy } from './verified_by.ts';

const RULES = { scope: 'read', toolsets: ['scan', 'results'] } as const;

/** A scan's status and progress. @throws {NmcpError} `not_found`, also for another caller's scan */
export const getScanStatus: Operation<GetScanStatusInput, ScanStatusOutput> = operation(
  { name: 'get_scan_status', ...RULES },
  async (services, caller, { task_id, full_targets: fullTargets }, signal) => {
    const task = await expired(services, await requireVisibleTask(services.tasks, task_id, caller));
    return await placedStatus(services, caller, task, { fullTargets, signal });
  },
);

/** Of a scan of some plugins what it has verified; of a task that waits in its queue: the scanner, which v3.0's clients expect to see, and why it only waits. */
async function placedStatus(
  services: Services,
  caller: Caller,
  task: Task,
  { fullTargets, signal }: { fullTargets?: boolean | undefined; signal: AbortSignal },
): Promise<ScanStatusOutput> {
  const status = scanStatus(task, { fullTargets });
  if (task.status !== 'queued') {
    const verified = await verifiedBy(services, caller, task, signal);
    return verified ? { ...status, verified } : status;
  }
  const { scanner, waits } = await placementOf(services, task);
  const isHeld = task.approval?.state === 'pending';
  return {
    ...status,
    scanner_instance: scanner,
    ...(isHeld || waits.length === 0 ? {} : { waiting: cleanText(waits.join(' '), MAX_WAITS) }),
  };
}

/** Characters of why a task waits. */
const MAX_WAITS = 800;

/** Workers check once a minute; until then a caller must not read that it is still pending. */
async function expired({ tasks, clock }: Services, task: Task): Promise<Task> {
  try {
    return (await expireApproval(tasks, task, clock())) ?? task;
  } catch (error) {
    if (!isNmcpError(error, 'conflict')) throw error;
    return await tasks.read(task.task_id); // it was decided in the meantime
  }
}

/**
 * A scan's task at once and at every change of its state or progress, until it has ended or the signal aborts.
 *
 * @throws {NmcpError} `not_found`, also for another caller's scan and when it is removed in the meantime
 */
export const followScan: Operation<GetScanStatusInput, AsyncIterable<Task>> = operation(
  { name: 'follow_scan', ...RULES },
  async ({ tasks }, caller, { task_id }, signal) => {
    const { task_id: id } = await requireVisibleTask(tasks, task_id, caller);
    return followTask(tasks, id, { signal });
  },
);

/** What {@linkcode waitForScan} waits for, and what it calls. */
export interface WaitInput extends WaitForScanInput {
  /** Called with every state that is seen while it waits. */
  onState?: ((status: ScanStatusOutput) => Promise<void>) | undefined;
}

/** A scan after a wait. */
export interface AwaitedScan {
  status: ScanStatusOutput;
  /** Whether its state or progress changed during the wait. */
  changed: boolean;
}

/** Waits for a change or the end of a scan, or until the time is over. @throws {NmcpError} `not_found` */
export const waitForScan: Operation<WaitInput, AwaitedScan> = operation(
  { name: 'wait_for_scan', ...RULES },
  async (services, caller, { task_id, until, timeout_seconds, onState }, signal) => {
    const first = await requireVisibleTask(services.tasks, task_id, caller);
    const isNews = (task: Task): boolean => task.status !== first.status || task.progress !== first.progress;
    const ends = AbortSignal.any([signal, AbortSignal.timeout(timeout_seconds * 1000)]);
    let last = first;
    for await (const task of followTask(services.tasks, first.task_id, { signal: ends })) {
      last = task;
      await onState?.(scanStatus(task));
      if (until === 'change' && isNews(task)) break;
    }
    signal.throwIfAborted();
    const task = await expired(services, last);
    return { status: await placedStatus(services, caller, task, { signal }), changed: isNews(last) };
  },
);

/** What {@linkcode watchScan} calls. */
export interface WatchInput extends GetScanStatusInput {
  /** @param revision as {@linkcode revisionOf} has it */
  onChange: (status: ScanStatusOutput, revision: number) => void;
}

/**
 * Reports each change of a scan from now on, whichever process makes it. A scan with many watchers is polled only once.
 *
 * @returns a function that stops it
 * @throws {NmcpError} `not_found`, also for another caller's scan
 */
export const watchScan: Operation<WatchInput, () => void> = operation(
  { name: 'watch_scan', scope: 'read' },
  async ({ tasks }, caller, { task_id, onChange }) => {
    const { task_id: id } = await requireVisibleTask(tasks, task_id, caller);
    return feedOf(tasks).listen(id, (task) => onChange(scanStatus(task), revisionOf(task)));
  },
);

/** A number that grows with every change of a task's state and progress; from 1. */
export function revisionOf({ version = 0, progress = 0 }: Pick<Task, 'version' | 'progress'>): number {
  return version * 1001 + Math.floor(progress) + 1;
}

const feeds = new WeakMap<Services['tasks'], TaskFeed>();

function feedOf(tasks: Services['tasks']): TaskFeed {
  const feed = feeds.get(tasks) ?? new TaskFeed(tasks);
  feeds.set(tasks, feed);
  return feed;
}
