import type { AcquiredScanner } from '@nmcp/registry';
import type { ResultsVerdict } from '@nmcp/results';
import { inSpan } from '@nmcp/telemetry';
import { isNmcpError, messageOf, NmcpError, type Task } from '@nmcp/types';
import { Doubt } from '../doubt.ts';
import { Patience } from '../retry_while_unreachable.ts';
import type { ScanRun } from '../scan_run.ts';
import { boundedExport, freeBytesOf } from './bounded_export.ts';
import { checkedExport } from './checked_export.ts';
import { warnOfForeignHosts } from './foreign_hosts.ts';
import { untilCanceled } from './until_canceled.ts';

/** Results that are stored, and what is in them. */
export type GoodResults = Extract<ResultsVerdict, { valid: true }>;

/** Options of {@linkcode fetchResults}. */
export interface FetchOptions {
  /** Times that an export which is damaged, another's, or could not be written is begun. @default 5 */
  tries?: number | undefined;
  /** Milliseconds that it may take. @default what the task has left */
  maxMs?: number | undefined;
}

/**
 * Fetches the results of the run that was launched, stores them and reads them once. An export that breaks off, is forgotten
 * or is another scan's is begun again; a scanner that is away is waited for.
 *
 * @throws {NmcpError} what the scanner says of the export; `damaged_document`; `storage`
 */
export async function fetchResults(
  run: ScanRun,
  scanId: number,
  task: Task,
  slot: AcquiredScanner,
  { tries = 5, maxMs = run.remainingMs }: FetchOptions = {},
): Promise<GoodResults> {
  const patience = new Patience(run);
  const doubt = new Doubt(run.context.goneMs);
  for (let failures = 0; ; ) {
    try {
      const verdict = await untilCanceled(run, (signal) =>
        fetchOnce(run, scanId, task, slot, { maxMs, signal }),
      );
      if (task.attached) await admitImport(run, task, verdict);
      await run.goesOn();
      return withHostWarning(task, verdict);
    } catch (error) {
      run.signal.throwIfAborted();
      if (saysOfExport(error) ? ++failures >= tries : !isNmcpError(error) || !doubt.covers(error))
        throw error;
      await patience.wait(error);
    }
  }
}

/** A scan that somebody else made can have scanned anything; what may not be imported stays unread. */
async function admitImport(run: ScanRun, task: Task, { targets }: GoodResults): Promise<void> {
  const { policy, audit } = run.context;
  const { owner: caller = 'local', scanner_pool: pool } = task;
  try {
    await policy.admitImport({ hosts: targets, pool, caller });
  } catch (error) {
    const reason = messageOf(error);
    await audit?.append({ action: 'scan.import', caller, task_id: run.id, pool, decision: 'denied', reason });
    throw error;
  }
}

/** A report of other hosts is kept, and says so. */
function withHostWarning(task: Task, verdict: GoodResults): GoodResults {
  const warning = warnOfForeignHosts(task.payload.targets, verdict.targets);
  return warning === undefined ? verdict : { ...verdict, warnings: [...verdict.warnings, warning] };
}

async function fetchOnce(
  run: ScanRun,
  scanId: number,
  task: Task,
  { scanner }: AcquiredScanner,
  { maxMs: maxWaitMs, signal }: { maxMs: number; signal: AbortSignal },
): Promise<GoodResults> {
  const { tasks, results, metrics, maxExportBytes: maxBytes } = run.context;
  const { pool } = run.claim;
  const begun = performance.now();
  const source = await scanner.exportResults(scanId, {
    signal,
    runId: task.nessus_history_id,
    maxWaitMs,
    onWait: (ms) => void showExport(run, ms),
  });
  const bounds = { maxBytes, freeBytes: () => freeBytesOf(tasks.dataDir) };
  const whole = boundedExport(checkedExport(source, run.marker), bounds);
  const bytes = await tasks.saveResults(run.id, whole, { fence: run.claim.fence });
  const stored = performance.now();
  metrics.exportBytes.inc({ pool }, bytes);
  metrics.exportDuration.observe({ pool }, (stored - begun) / 1000);
  run.log.info({ bytes }, 'results stored');
  const verdict = await inSpan('read results', { attributes: { 'nmcp.bytes': bytes } }, () =>
    results.validate(
      tasks.paths(run.id).native,
      // who made an attached scan knows whether it has credentials
      task.attached ? {} : { credentialsGiven: task.scan_type !== 'untrusted' },
      { signal },
    ),
  );
  metrics.conversionBytes.inc(bytes);
  metrics.conversionSeconds.inc((performance.now() - stored) / 1000);
  if (verdict.valid) return verdict;
  throw new NmcpError('damaged_document', verdict.message, { details: { reason: verdict.reason } });
}

/** Milliseconds after which an export that is being written is shown. */
const SHOW_AFTER_MS = 10_000;

async function showExport(run: ScanRun, waitedMs: number): Promise<void> {
  if (waitedMs < SHOW_AFTER_MS) return;
  await run.waitsFor('The scanner is writing the results').catch(() => {}); // a lost lease is noticed elsewhere
}

/** Whether a failure is the export's: the scanner could not write it, or what came is not what was asked for. */
function saysOfExport(error: unknown): boolean {
  return (
    isNmcpError(error, 'damaged_document') ||
    (error instanceof Error && ['ExportFailedError', 'WrongExportError'].includes(error.name))
  );
}
