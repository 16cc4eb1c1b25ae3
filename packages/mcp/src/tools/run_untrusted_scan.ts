import { submitScan } from '@nmcp/scans';
import { RunUntrustedScanInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import { withHeaderKey } from '../idempotency_header.ts';
import { answerOf } from '../submission_answer.ts';
import type { Tool } from '../tool.ts';

/** Submits a scan without credentials. */
export const runUntrustedScanTool: Tool = defineTool({
  operation: submitScan,
  title: 'Scan a network without credentials',
  description:
    'Scan hosts as the network shows them, without logging in: open ports, services, remote vulnerabilities. Answers at once with a task_id; the scan takes minutes to hours, so go on with wait_for_scan. For missing patches use run_authenticated_scan. Repeat a failed call with the same idempotency_key. E.g. {"targets": "10.0.0.0/28", "name": "Office"}',
  input: RunUntrustedScanInputSchema,
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  run: async (input, services, { caller, headers }) =>
    answerOf(await submitScan(services, caller, withHeaderKey(input, headers))),
});
