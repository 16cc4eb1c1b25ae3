import { waitForScan } from '@nmcp/scans';
import { isFinal, type ScanStatusOutput, WaitForScanInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import { showStatus } from '../scan_output.ts';
import type { Tool } from '../tool.ts';

/** Waits for a change of a scan. */
export const waitForScanTool: Tool = defineTool({
  operation: waitForScan,
  title: 'Wait for a scan',
  description:
    'Wait until a scan changes its state or progress, or with until "end" until it has ended, at most timeout_seconds; then answers like get_scan_status, with changed. Call it again until status is completed, failed or timeout, in place of asking get_scan_status over and over. E.g. {"task_id": "...", "until": "end"}',
  input: WaitForScanInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  async run(input, services, { caller, signal, report }) {
    const { status, changed } = await waitForScan(
      services,
      caller,
      { ...input, onState: (state) => report(state.progress ?? 0, 100, wordsOf(state)) },
      signal,
    );
    return { ...showStatus(status), changed, next: nextStep(status) };
  },
});

function wordsOf({ status, progress = 0 }: ScanStatusOutput): string {
  return status === 'running' ? `running ${progress} %` : status;
}

function nextStep({ status, partial }: ScanStatusOutput): string {
  if (status === 'completed') return 'Read get_scan_summary, then get_scan_results with filters.';
  if (partial)
    return 'It ended before it was done. get_scan_summary and get_scan_results have what it found until then; what they do not have was perhaps not looked for.';
  if (isFinal(status)) return 'error_message says why; submit it again once that is fixed.';
  return 'Call wait_for_scan again.';
}
