import type { Caller } from '@nmcp/access';
import {
  NmcpError,
  type RunAuthenticatedScanInput,
  type ScanCredentials,
  type SeveralCredentials,
} from '@nmcp/types';
import { requirePool } from '../ownership.ts';
import type { Services } from '../services.ts';

/** The credentials of a scan, and where they may be used. */
export interface ChosenCredentials {
  credentials: ScanCredentials;
  /** Networks and names; absent: wherever the policy allows. */
  boundTo?: readonly string[] | undefined;
}

/**
 * The credentials of a scan: named ones, or the logins in the request.
 *
 * @throws {NmcpError} `invalid_input` for incomplete logins, or both; `not_found` for an unknown name
 */
export async function chooseCredentials(
  { credentials, registry }: Pick<Services, 'credentials' | 'registry'>,
  caller: Caller,
  input: RunAuthenticatedScanInput,
): Promise<ChosenCredentials> {
  const { credential_ref: name, scan_type } = input;
  const given = loginsOf(input);
  if (name === undefined) return { credentials: requireLogin(given, scan_type) };
  if (given.ssh || given.windows || given.snmp_v3)
    throw invalid('expected either credential_ref or logins, not both');
  const pool = requirePool(registry, input.scanner_pool, caller);
  const chosen = await credentials.resolve(name, { pool, caller: caller.name });
  return { credentials: chosen, boundTo: await credentials.targetsOf(name) };
}

function loginsOf(input: RunAuthenticatedScanInput): SeveralCredentials {
  return { type: 'several', ssh: sshOf(input), windows: windowsOf(input), snmp_v3: snmpOf(input) };
}

/** A single SSH login is written as v3.0 wrote it. */
function requireLogin(
  several: SeveralCredentials,
  scanType: RunAuthenticatedScanInput['scan_type'],
): ScanCredentials {
  const { ssh, windows, snmp_v3 } = several;
  if (!ssh && !windows && !snmp_v3)
    throw invalid(
      'expected credential_ref or a login: ssh_username and ssh_password, windows_username and windows_password, or snmp_username',
    );
  if (scanType === 'authenticated_privileged' && (!ssh || ssh.elevate_privileges_with === 'Nothing'))
    throw invalid(
      'scan_type authenticated_privileged needs an SSH login and elevate_privileges_with, such as "sudo"; otherwise use authenticated',
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
