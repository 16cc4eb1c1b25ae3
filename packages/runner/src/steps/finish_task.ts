import { withoutCredentials } from '@nmcp/tasks';
import { isNmcpError, isoTime, NmcpError, parseTime, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';

/** How a scan ended. */
export type FinalTask = Extract<Task, { status: 'completed' | 'failed' | 'timeout' }>;

/** Writes a task's final state, without its credentials, and counts it. */
export async function finishTask(run: ScanRun, change: (task: Task) => FinalTask): Promise<void> {
  const task = await run.change((before) => {
    const { intent, waiting: _, ...ended } = withoutCredentials(change(before));
    // it may come yet
    return intent?.phase === 'creating' ? { ...ended, unanswered_create: true } : ended;
  });
  const { metrics } = run.context;
  metrics.scans.inc({ scan_type: task.scan_type, status: task.status });
  if (task.started_at && task.completed_at)
    metrics.taskDuration.observe((parseTime(task.completed_at) - parseTime(task.started_at)) / 1000);
  run.log.info({ status: task.status, reason: task.error_message ?? undefined }, 'task ended');
}

/** Writes down that the scan ran over its time limit. */
export async function timeOutTask(run: ScanRun, found: Partial<Task> = {}): Promise<void> {
  await finishWithoutResults(
    run,
    'timeout',
    `The scan ran longer than ${run.context.scanTimeoutMs / 3_600_000} hours and was stopped`,
    { found },
  );
}

/** The scan was stopped or aborted on its scanner. */
export class UnfinishedScanError extends NmcpError {
  /** What the task knows of what was found until then. */
  readonly found: Partial<Task>;

  constructor(word: string, found: Partial<Task>) {
    super('scanner_error', `The scan ended on the scanner without finishing: its status is ${word}`);
    this.name = 'UnfinishedScanError';
    this.found = found;
  }
}

/** Writes down that the task failed, if that can still be written. */
export async function failTask(run: ScanRun, error: unknown): Promise<void> {
  const code = isNmcpError(error) ? error.code : 'internal';
  const message = isNmcpError(error)
    ? error.message
    : 'An unexpected error occurred; the log has its details';
  await finishWithoutResults(run, 'failed', message, {
    reason: code,
    found: error instanceof UnfinishedScanError ? error.found : {},
  });
}

async function finishWithoutResults(
  run: ScanRun,
  status: 'failed' | 'timeout',
  message: string,
  { reason, found = {} }: { reason?: string; found?: Partial<Task> } = {},
): Promise<void> {
  await finishTask(run, (before) => {
    // a task that failed before it ran says when it was taken up all the same
    const started_at = before.started_at ?? (status === 'timeout' ? before.created_at : null);
    return {
      ...before,
      ...found,
      status,
      started_at,
      completed_at: isoTime(run.context.clock()),
      error_message: message,
      ...(reason ? { failure_reason: reason } : {}),
    };
  });
}
