import type { ScannerReport } from '@nmcp/registry';

export function startReplay(
  report: ScannerReport,
): Promise<{ url: string; missing: Set<string>; close(): Promise<void> }>;
