import type { Logins, SnmpV3Login, SshEscalation, SshLogin, WindowsLogin } from '@nmcp/nessus-client';
import type {
  ScanCredentials,
  SnmpV3Credentials,
  SshPasswordCredentials,
  WindowsPasswordCredentials,
} from '@nmcp/types';
import type { ScannerConfig } from './scanner_config.ts';

/** What a scanner's configuration says of logins. */
export type LoginSettings = Pick<ScannerConfig, 'escalation' | 'snmp_v3'>;

/** The credentials of a request as logins of the client. */
export function loginsOf(credentials: ScanCredentials, settings: LoginSettings = {}): Logins {
  if (credentials.type === 'ssh') return { ssh: [sshLogin(credentials, settings)] };
  const { ssh, windows, snmp_v3: snmp } = credentials;
  return {
    ...(ssh ? { ssh: [sshLogin(ssh, settings)] } : {}),
    ...(windows ? { windows: [windowsLogin(windows)] } : {}),
    ...(snmp ? { snmpV3: [snmpLogin(snmp, settings)] } : {}),
  };
}

function sshLogin(credentials: SshPasswordCredentials, settings: LoginSettings): SshLogin {
  const { username, password } = credentials;
  return { auth: 'password', username, password, escalation: escalationOf(credentials, settings) };
}

/** v3.0's three fields; the client rejects a method that needs more. */
function escalationOf(credentials: SshPasswordCredentials, { escalation }: LoginSettings): SshEscalation {
  const {
    elevate_privileges_with: method,
    escalation_account: account,
    escalation_password: password,
  } = credentials;
  const fields = {
    method,
    account,
    password,
    ...(method === 'su+sudo' ? { suUser: escalation?.su_user ?? account ?? '' } : {}),
  };
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as unknown as SshEscalation; // checked by credentialSet
}

function windowsLogin({ username, password, domain }: WindowsPasswordCredentials): WindowsLogin {
  return { auth: 'Password', username, password, ...(domain === undefined ? {} : { domain }) };
}

function snmpLogin(credentials: SnmpV3Credentials, { snmp_v3 }: LoginSettings): SnmpV3Login {
  const {
    username,
    auth_algorithm: authAlgorithm = snmp_v3?.auth_algorithm ?? 'SHA-256',
    auth_password: authPassword,
    privacy_algorithm: privacyAlgorithm = snmp_v3?.privacy_algorithm ?? 'AES',
    privacy_password: privacyPassword,
  } = credentials;
  if (authPassword === undefined) return { level: 'No authentication and no privacy', username };
  const authenticated = { username, authAlgorithm, authPassword };
  return privacyPassword === undefined
    ? { level: 'Authentication without privacy', ...authenticated }
    : { level: 'Authentication and privacy', ...authenticated, privacyAlgorithm, privacyPassword };
}
