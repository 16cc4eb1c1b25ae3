import type { Metrics } from '@nmcp/telemetry';
import type { NmcpError, Task } from '@nmcp/types';
import type { GoodResults } from './fetch_results.ts';

/** Counts what became of a scan's results. A login that failed, or an empty scan, counts as failed and is stored all the same. */
export function countValidation(
  metrics: Metrics,
  { scanner_pool: pool, scan_type }: Task,
  verdict: GoodResults,
): void {
  const reason = reasonOf(verdict);
  metrics.validations.inc({ pool, result: reason === undefined ? 'success' : 'failed' });
  if (reason !== undefined) metrics.validationFailures.inc({ pool, reason });
  if (reason === 'auth_failed') metrics.authFailures.inc({ pool, scan_type });
}

/** Counts results that could not be read. */
export function countInvalid(metrics: Metrics, { scanner_pool: pool }: Task, { details }: NmcpError): void {
  metrics.validations.inc({ pool, result: 'failed' });
  metrics.validationFailures.inc({ pool, reason: String(details.reason ?? 'xml_invalid') });
}

function reasonOf(verdict: GoodResults): string | undefined {
  if (verdict.authentication_status === 'failed') return 'auth_failed';
  return verdict.stats.hosts_scanned === 0 ? 'empty_scan' : undefined;
}
