import type { ScannerReport } from '@nmcp/registry';

export interface RecordedResult {
  name: string;
  outcome: 'holds' | 'not recorded' | 'FAILED';
  problem: string | undefined;
  missing: string[];
}

export function runRecordedCases(
  report: ScannerReport,
  url: string,
  missing: Set<string>,
): Promise<RecordedResult[]>;
