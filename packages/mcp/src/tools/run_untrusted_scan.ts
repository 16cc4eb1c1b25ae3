import { RunUntrustedScanInputSchema } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { submitScan } from '../submit_scan.ts';

/** Submits a scan without credentials. */
export const runUntrustedScan: Tool = defineTool({
  name: 'run_untrusted_scan',
  title: 'Scan a network without credentials',
  description:
    'Start a vulnerability scan of hosts as the network shows them, without logging in. Answers at once with a task_id; the scan takes minutes to hours.',
  input: RunUntrustedScanInputSchema,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  scope: 'scan',
  run: (input, services, call) => submitScan({ input, scanType: 'untrusted' }, services, call),
});
