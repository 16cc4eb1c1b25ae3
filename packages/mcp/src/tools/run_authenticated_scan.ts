import {
  NmcpError,
  type RunAuthenticatedScanInput,
  RunAuthenticatedScanInputSchema,
  type ScanCredentials,
  type SeveralCredentials,
} from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { submitScan } from '../submit_scan.ts';

/** Submits a scan that logs in to the hosts. */
export const runAuthenticatedScan: Tool = defineTool({
  name: 'run_authenticated_scan',
  title: 'Scan hosts with credentials',
  description:
    'Start a vulnerability scan that logs in to the hosts by SSH, to Windows or by SNMPv3, and so also sees missing patches. authenticated_privileged also escalates to root over SSH (give elevate_privileges_with). Answers at once with a task_id.',
  input: RunAuthenticatedScanInputSchema,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  scope: 'scan:credentials',
  run(input, services, call) {
    const credentials = credentialsOf(input);
    const { scan_type: scanType, targets, name, description, schema_profile, idempotency_key } = input;
    const { scanner_pool, scanner_instance } = input;
    const request = {
      ...{ targets, name, description, schema_profile, idempotency_key },
      ...{ scanner_pool, scanner_instance },
    };
    return submitScan({ input: request, scanType, credentials }, services, call);
  },
});

/** One login by SSH is written as v3.0 wrote it. */
function credentialsOf(input: RunAuthenticatedScanInput): ScanCredentials {
  const several: SeveralCredentials = {
    type: 'several',
    ssh: sshOf(input),
    windows: windowsOf(input),
    snmp_v3: snmpOf(input),
  };
  const { ssh, windows, snmp_v3 } = several;
  if (!ssh && !windows && !snmp_v3)
    throw invalid(
      'expected a login: ssh_username and ssh_password, windows_username and windows_password, or snmp_username',
    );
  if (input.scan_type === 'authenticated_privileged' && (!ssh || ssh.elevate_privileges_with === 'Nothing'))
    throw invalid(
      'scan_type authenticated_privileged needs a login by SSH and elevate_privileges_with, such as "sudo"; else use authenticated',
    );
  return ssh && !windows && !snmp_v3 ? ssh : several;
}

function sshOf(input: RunAuthenticatedScanInput): SeveralCredentials['ssh'] {
  const { ssh_username: username, ssh_password: password } = input;
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined)
    throw invalid('ssh_username and ssh_password go together');
  const { elevate_privileges_with, escalation_account, escalation_password } = input;
  const escalation = { elevate_privileges_with, escalation_account, escalation_password };
  return { type: 'ssh', auth_method: 'password', username, password, ...escalation };
}

function windowsOf(input: RunAuthenticatedScanInput): SeveralCredentials['windows'] {
  const { windows_username: username, windows_password: password, windows_domain: domain } = input;
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined)
    throw invalid('windows_username and windows_password go together');
  return { username, password, domain };
}

function snmpOf(input: RunAuthenticatedScanInput): SeveralCredentials['snmp_v3'] {
  const { snmp_username: username, snmp_auth_password, snmp_privacy_password } = input;
  if (username === undefined) {
    if (snmp_auth_password === undefined && snmp_privacy_password === undefined) return undefined;
    throw invalid('snmp_auth_password and snmp_privacy_password need snmp_username');
  }
  if (snmp_privacy_password !== undefined && snmp_auth_password === undefined)
    throw invalid('snmp_privacy_password needs snmp_auth_password');
  return {
    username,
    auth_algorithm: input.snmp_auth_algorithm,
    auth_password: snmp_auth_password,
    privacy_algorithm: input.snmp_privacy_algorithm,
    privacy_password: snmp_privacy_password,
  };
}

function invalid(what: string): NmcpError {
  return new NmcpError('invalid_input', `run_authenticated_scan: ${what}`, { title: 'Invalid input' });
}
