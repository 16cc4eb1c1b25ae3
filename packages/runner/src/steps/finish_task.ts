import { withoutCredentials } from '@nmcp/tasks';
import { isNmcpError, isoTime, parseTime, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';

/** How a scan ended. */
export type FinalTask = Extract<Task, { status: 'completed' | 'failed' | 'timeout' }>;

/** Writes a task's final state, without its credentials, and counts it. */
export async function finishTask(run: ScanRun, change: (task: Task) => FinalTask): Promise<void> {
  const task = await run.change((before) => {
    const { intent, ...ended } = withoutCredentials(change(before));
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
export async function timeOutTask(run: ScanRun): Promise<void> {
  await finishWithoutResults(
    run,
    'timeout',
    `The scan ran longer than ${run.context.scanTimeoutMs / 3_600_000} hours and was stopped`,
  );
}

/** Writes down that the task failed, if that can still be written. */
export async function failTask(run: ScanRun, error: unknown): Promise<void> {
  const code = isNmcpError(error) ? error.code : 'internal';
  const message = isNmcpError(error)
    ? error.message
    : 'An unexpected error occurred; the log has its details';
  await finishWithoutResults(run, 'failed', message, code);
}

async function finishWithoutResults(
  run: ScanRun,
  status: 'failed' | 'timeout',
  message: string,
  reason?: string,
): Promise<void> {
  await finishTask(run, (before) => {
    // a task that failed before it ran says when it was taken up all the same
    const started_at = before.started_at ?? (status === 'timeout' ? before.created_at : null);
    return {
      ...before,
      status,
      started_at,
      completed_at: isoTime(run.context.clock()),
      error_message: message,
      ...(reason ? { failure_reason: reason } : {}),
    };
  });
}
