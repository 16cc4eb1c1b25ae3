import { NmcpError, RunAuthenticatedScanInputSchema, type ScanCredentials } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { submitScan } from '../submit_scan.ts';

/** Submits a scan that logs in to the hosts by SSH. */
export const runAuthenticatedScan: Tool = defineTool({
  name: 'run_authenticated_scan',
  title: 'Scan hosts with SSH credentials',
  description:
    'Start a vulnerability scan that logs in to the hosts by SSH and so also sees missing patches. authenticated_privileged also escalates to root (give elevate_privileges_with). Answers at once with a task_id.',
  input: RunAuthenticatedScanInputSchema,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  run(input, services, call) {
    const {
      scan_type,
      ssh_username,
      ssh_password,
      elevate_privileges_with,
      escalation_account,
      escalation_password,
      ...rest
    } = input;
    if (scan_type === 'authenticated_privileged' && elevate_privileges_with === 'Nothing') {
      throw new NmcpError(
        'invalid_input',
        'scan_type authenticated_privileged needs elevate_privileges_with, such as "sudo"; with "Nothing" use authenticated',
        { title: 'Invalid input' },
      );
    }
    const credentials: ScanCredentials = {
      type: 'ssh',
      auth_method: 'password',
      username: ssh_username,
      password: ssh_password,
      elevate_privileges_with,
      escalation_account,
      escalation_password,
    };
    return submitScan({ input: rest, scanType: scan_type, credentials }, services, call);
  },
});
