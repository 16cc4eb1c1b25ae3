import type { ResultsVerdict } from '@nmcp/results';
import type { Metrics } from '@nmcp/telemetry';
import type { Task } from '@nmcp/types';

/** Counts what became of a scan's results. A login that failed, or an empty scan, counts as failed and is stored all the same. */
export function countValidation(
  metrics: Metrics,
  { scanner_pool: pool, scan_type }: Task,
  verdict: ResultsVerdict,
): void {
  const reason = reasonOf(verdict);
  metrics.validations.inc({ pool, result: reason === undefined ? 'success' : 'failed' });
  if (reason !== undefined) metrics.validationFailures.inc({ pool, reason });
  if (reason === 'auth_failed') metrics.authFailures.inc({ pool, scan_type });
}

function reasonOf(verdict: ResultsVerdict): string | undefined {
  if (!verdict.valid) return verdict.reason;
  if (verdict.authentication_status === 'failed') return 'auth_failed';
  return verdict.stats.hosts_scanned === 0 ? 'empty_scan' : undefined;
}
