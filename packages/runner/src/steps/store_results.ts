import type { AcquiredScanner } from '@nmcp/registry';
import { validateResults } from '@nmcp/results';
import { inSpan } from '@nmcp/telemetry';
import { isoTime, NmcpError, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';
import { countValidation } from './count_validation.ts';
import { finishTask } from './finish_task.ts';

/** Stores the scanner's export, validates and counts it, and completes the task. */
export async function storeResults(
  run: ScanRun,
  scanId: number,
  task: Task,
  { scanner }: AcquiredScanner,
): Promise<void> {
  const { tasks, metrics, clock } = run.context;
  const { pool } = run.claim;
  const begun = performance.now();
  const bytes = await run.retrying(async () =>
    tasks.saveResults(run.id, await scanner.exportResults(scanId, { signal: run.signal }), {
      fence: run.claim.fence,
    }),
  );
  const stored = performance.now();
  metrics.exportBytes.inc({ pool }, bytes);
  metrics.exportDuration.observe({ pool }, (stored - begun) / 1000);
  run.log.info({ bytes }, 'results stored');
  const verdict = await inSpan('read results', { attributes: { 'nmcp.bytes': bytes } }, () =>
    validateResults(tasks.paths(run.id).native, {
      // who made an attached scan knows whether it has credentials
      ...(task.attached ? {} : { credentialsGiven: task.scan_type !== 'untrusted' }),
    }),
  );
  metrics.conversionBytes.inc(bytes);
  metrics.conversionSeconds.inc((performance.now() - stored) / 1000);
  countValidation(metrics, task, verdict);
  if (!verdict.valid) throw new NmcpError('damaged_document', verdict.message);
  await finishTask(run, (before) => ({
    ...before,
    status: 'completed',
    completed_at: isoTime(clock()),
    progress: 100,
    validation_stats: verdict.stats,
    validation_warnings: verdict.warnings,
    authentication_status: verdict.authentication_status,
  }));
}
