import type { AcquiredScanner } from '@nmcp/registry';
import { isoTime, parseTime, scannerAddress, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';

/** Writes down that the task runs, on which scanner, and for which time. */
export async function startTask(run: ScanRun, task: Task, { config }: AcquiredScanner): Promise<Task> {
  const { metrics, clock } = run.context;
  const { pool, attempts } = run.claim;
  if (task.status === 'queued')
    metrics.queueWait.observe({ pool }, Math.max(0, clock() - parseTime(task.created_at)) / 1000);
  const expiries = attempts.length + 1 - (task.attempts ?? 1);
  if (expiries > 0) metrics.leaseExpiries.inc({ pool }, expiries);
  const running = await run.change((before) => ({
    ...before,
    status: 'running',
    started_at: before.started_at ?? isoTime(clock()),
    completed_at: null,
    scanner_instance_id: config.instance_id,
    scanner_address: scannerAddress(config.url),
    attempts: attempts.length + 1,
  }));
  run.countFrom(parseTime(running.started_at ?? '') || clock());
  run.log.info(
    { scanner: config.instance_id, attempt: attempts.length + 1 },
    task.status === 'running' ? 'task resumed' : 'task started',
  );
  return running;
}
