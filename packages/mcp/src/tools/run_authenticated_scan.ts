import { submitAuthenticatedScan } from '@nmcp/scans';
import { RunAuthenticatedScanInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import { withHeaderKey } from '../idempotency_header.ts';
import { answerOf } from '../submission_answer.ts';
import type { Tool } from '../tool.ts';

/** Submits a scan that logs in to the hosts. */
export const runAuthenticatedScanTool: Tool = defineTool({
  operation: submitAuthenticatedScan,
  title: 'Scan hosts with credentials',
  description:
    'Scan hosts and log in to them by SSH, to Windows or by SNMPv3, so that missing patches are seen too. authenticated_privileged also escalates to root over SSH (give elevate_privileges_with). Give credential_ref where the operator has named credentials, else the logins. Answers at once with a task_id. E.g. {"targets": "10.0.0.5", "name": "Web", "scan_type": "authenticated", "credential_ref": "linux-prod"}',
  input: RunAuthenticatedScanInputSchema,
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  run: async (input, services, { caller, headers }) =>
    answerOf(await submitAuthenticatedScan(services, caller, withHeaderKey(input, headers))),
});
