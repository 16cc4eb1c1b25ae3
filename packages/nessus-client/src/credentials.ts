import { ESCALATION_METHODS, NmcpError } from '@nmcp/types';

/** How an SSH login becomes root. What a method needs is in its type. */
export type SshEscalation =
  | { method: 'Nothing' }
  | { method: 'sudo'; account?: string; password?: string }
  | { method: 'su'; account?: string; password: string }
  | { method: 'su+sudo'; suUser: string; account?: string; password: string }
  | { method: 'pbrun' | 'dzdo'; account?: string; password?: string; directory?: string }
  | { method: '.k5login'; account: string }
  | { method: "Cisco 'enable'"; password: string }
  | { method: "Checkpoint Gaia 'expert'"; password: string };

/** A login by SSH. Secret: never log it. */
export type SshLogin =
  | { auth: 'password'; username: string; password: string; escalation?: SshEscalation }
  /** `privateKey` is the name that `uploadFile` answered. */
  | {
      auth: 'public key';
      username: string;
      privateKey: string;
      passphrase?: string;
      escalation?: SshEscalation;
    }
  /** `certificate` and `privateKey` are names that `uploadFile` answered. */
  | {
      auth: 'certificate';
      username: string;
      certificate: string;
      privateKey: string;
      passphrase?: string;
      escalation?: SshEscalation;
    };

/** A login to Windows by SMB and WMI. Secret: never log it. */
export type WindowsLogin =
  | { auth: 'Password'; username: string; password: string; domain?: string }
  | { auth: 'NTLM Hash' | 'LM Hash'; username: string; hash: string; domain?: string }
  | {
      auth: 'Kerberos';
      username: string;
      password: string;
      domain: string;
      kdcHost: string;
      kdcPort?: number;
      kdcTransport?: 'TCP' | 'UDP';
    };

/** A login by SNMPv3. Secret: never log it. */
export type SnmpV3Login =
  | { level: 'No authentication and no privacy'; username: string; port?: number }
  | {
      level: 'Authentication without privacy';
      username: string;
      port?: number;
      authAlgorithm: 'SHA1' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512' | 'MD5';
      authPassword: string;
    }
  | {
      level: 'Authentication and privacy';
      username: string;
      port?: number;
      authAlgorithm: 'SHA1' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512' | 'MD5';
      authPassword: string;
      privacyAlgorithm: 'AES' | 'AES-192' | 'AES-256' | 'DES';
      privacyPassword: string;
    };

/** Logins of a scan, by kind. */
export interface Logins {
  ssh?: readonly SshLogin[];
  windows?: readonly WindowsLogin[];
  snmpV3?: readonly SnmpV3Login[];
}

/** Logins as POST /scans takes them. */
export interface CredentialSet {
  add: Record<string, Record<string, readonly Record<string, unknown>[]>>;
  edit?: Record<string, unknown>;
  delete?: readonly (number | string)[];
}

/**
 * Makes the `credentials` of a scan. A combination that no scanner takes does not compile, and is refused at run time.
 *
 * @throws {NmcpError} `invalid_input` naming the field; never its value
 *
 * @example
 * ```ts
 * import { credentialSet } from '@nmcp/nessus-client';
 *
 * const credentials = credentialSet({
 *   ssh: [
 *     {
 *       auth: 'password',
 *       username: 'audit',
 *       password: 'secret',
 *       escalation: { method: 'sudo', account: 'root', password: 'secret' },
 *     },
 *   ],
 * });
 * console.assert(credentials.add.Host?.SSH?.length === 1);
 * ```
 */
export function credentialSet(logins: Logins): CredentialSet {
  const host: Record<string, readonly Record<string, unknown>[]> = {};
  if (logins.ssh?.length) host.SSH = logins.ssh.map((login, i) => sshEntry(login, `ssh[${i}]`));
  if (logins.windows?.length)
    host.Windows = logins.windows.map((login, i) => windowsEntry(login, `windows[${i}]`));
  if (logins.snmpV3?.length) host.SNMPv3 = logins.snmpV3.map((login, i) => snmpEntry(login, `snmpV3[${i}]`));
  if (Object.keys(host).length === 0)
    throw invalid('credentials', 'has no login; expected ssh, windows or snmpV3');
  return { add: { Host: host }, edit: {}, delete: [] };
}

type Entry = Record<string, unknown>;

function sshEntry(login: SshLogin, at: string): Entry {
  const base = { auth_method: login.auth, username: required(login.username, `${at}.username`) };
  const escalation = escalationFields(login.escalation ?? { method: 'Nothing' }, `${at}.escalation`);
  const passphrase = 'passphrase' in login ? login.passphrase : undefined;
  switch (login.auth) {
    case 'password':
      return { ...base, password: required(login.password, `${at}.password`), ...escalation };
    case 'public key':
      return {
        ...base,
        private_key: required(login.privateKey, `${at}.privateKey`),
        ...given({ private_key_passphrase: passphrase }),
        ...escalation,
      };
    case 'certificate':
      return {
        ...base,
        user_cert: required(login.certificate, `${at}.certificate`),
        private_key: required(login.privateKey, `${at}.privateKey`),
        ...given({ private_key_passphrase: passphrase }),
        ...escalation,
      };
    default:
      throw unknownWord(`${at}.auth`, ['password', 'public key', 'certificate']);
  }
}

/** Field names as Nessus's own editor has them. */
function escalationFields(escalation: SshEscalation, at: string): Entry {
  const fields = { elevate_privileges_with: escalation.method };
  switch (escalation.method) {
    case 'Nothing':
      return fields;
    case 'sudo':
      return {
        ...fields,
        ...given({ escalation_account: escalation.account, escalation_password: escalation.password }),
      };
    case 'su':
      return {
        ...fields,
        escalation_password: required(escalation.password, `${at}.password`),
        ...given({ escalation_account: escalation.account }),
      };
    case 'su+sudo':
      return {
        ...fields,
        su_user: required(escalation.suUser, `${at}.suUser`),
        escalation_password: required(escalation.password, `${at}.password`),
        ...given({ escalation_account: escalation.account }),
      };
    case 'pbrun':
    case 'dzdo':
      return {
        ...fields,
        ...given({
          escalation_account: escalation.account,
          escalation_password: escalation.password,
          bin_directory: escalation.directory,
        }),
      };
    case '.k5login':
      return { ...fields, escalation_account: required(escalation.account, `${at}.account`) };
    case "Cisco 'enable'":
    case "Checkpoint Gaia 'expert'":
      return { ...fields, escalation_password: required(escalation.password, `${at}.password`) };
    default:
      throw unknownWord(`${at}.method`, ESCALATION_METHODS);
  }
}

function windowsEntry(login: WindowsLogin, at: string): Entry {
  const base = { auth_method: login.auth, username: required(login.username, `${at}.username`) };
  switch (login.auth) {
    case 'Password':
      return {
        ...base,
        password: required(login.password, `${at}.password`),
        ...given({ domain: login.domain }),
      };
    case 'NTLM Hash':
    case 'LM Hash':
      return { ...base, hash: required(login.hash, `${at}.hash`), ...given({ domain: login.domain }) };
    case 'Kerberos':
      return {
        ...base,
        password: required(login.password, `${at}.password`),
        domain: required(login.domain, `${at}.domain`),
        kdc_host: required(login.kdcHost, `${at}.kdcHost`),
        kdc_port: login.kdcPort ?? 88,
        kdc_transport: login.kdcTransport ?? 'TCP',
      };
    default:
      throw unknownWord(`${at}.auth`, ['Password', 'NTLM Hash', 'LM Hash', 'Kerberos']);
  }
}

function snmpEntry(login: SnmpV3Login, at: string): Entry {
  const base = {
    security_level: login.level,
    username: required(login.username, `${at}.username`),
    port: login.port ?? 161,
  };
  switch (login.level) {
    case 'No authentication and no privacy':
      return base;
    case 'Authentication without privacy':
    case 'Authentication and privacy': {
      const auth = {
        ...base,
        auth_algorithm: required(login.authAlgorithm, `${at}.authAlgorithm`),
        auth_password: required(login.authPassword, `${at}.authPassword`),
      };
      if (login.level === 'Authentication without privacy') return auth;
      return {
        ...auth,
        privacy_algorithm: required(login.privacyAlgorithm, `${at}.privacyAlgorithm`),
        privacy_password: required(login.privacyPassword, `${at}.privacyPassword`),
      };
    }
    default:
      throw unknownWord(`${at}.level`, [
        'No authentication and no privacy',
        'Authentication without privacy',
        'Authentication and privacy',
      ]);
  }
}

/** Fields that were given. */
function given(fields: Entry): Entry {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function required(value: string, at: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(at, 'is missing; expected text');
}

function unknownWord(at: string, words: readonly string[]): NmcpError {
  return invalid(at, `is unknown; expected one of ${words.join(', ')}`);
}

function invalid(at: string, what: string): NmcpError {
  return new NmcpError('invalid_input', `credentialSet: ${at} ${what}`, { title: 'Invalid input' });
}
