import type { ScanStatusOutput } from '@nmcp/types';

/** What a client saw of one scan. */
export interface ScanOutcome {
  status: ScanStatusOutput;
  /** The worst findings, as get_scan_results gave them. */
  worst: Record<string, unknown>[];
  /** The first of their lines, as they came. */
  worstLines: string[];
  /** Milliseconds from the submission to the final state. */
  scan_ms: number;
  /** Milliseconds of the call that read the first page. */
  page_ms: number;
}
