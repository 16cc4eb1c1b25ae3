import { RunUntrustedScanInputSchema } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { TASK_SHAPE } from '../output_shape.ts';
import { submitScan } from '../submit_scan.ts';

/** Submits a scan without credentials. */
export const runUntrustedScan: Tool = defineTool({
  name: 'run_untrusted_scan',
  title: 'Scan a network without credentials',
  description:
    'Scan hosts as the network shows them, without logging in: open ports, services, remote vulnerabilities. Answers at once with a task_id; the scan takes minutes to hours, so go on with wait_for_scan. For missing patches use run_authenticated_scan. Repeat a failed call with the same idempotency_key. E.g. {"targets": "10.0.0.0/28", "name": "Office"}',
  input: RunUntrustedScanInputSchema,
  output: {
    ...TASK_SHAPE,
    message: 'string',
    queue_position: 'number|null',
    estimated_wait_minutes: 'number|null',
    scanner_pool: 'string',
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  scope: 'scan',
  toolsets: ['scan'],
  run: (input, services, call) => submitScan({ input, scanType: 'untrusted' }, services, call),
});
