import * as v from 'valibot';

/** Scan with or without logging in to the hosts. */
export const SCAN_TYPES = ['untrusted', 'authenticated', 'authenticated_privileged'] as const;

/** One of {@linkcode SCAN_TYPES}. */
export type ScanType = (typeof SCAN_TYPES)[number];

/** What v3.0's first versions called them. */
const OLD_SCAN_TYPES: Readonly<Record<string, ScanType>> = {
  trusted_basic: 'authenticated',
  trusted_privileged: 'authenticated_privileged',
};

/** Schema of a {@linkcode ScanType} in a task or a queue, of v3.0 too. */
export const ScanTypeSchema: v.GenericSchema<unknown, ScanType> = v.pipe(
  v.string(),
  v.transform((name) => OLD_SCAN_TYPES[name] ?? name),
  v.picklist(SCAN_TYPES),
);

/** How a login becomes root on a host; the words are Nessus's own. */
export const ESCALATION_METHODS = [
  'Nothing',
  'sudo',
  'su',
  'su+sudo',
  'pbrun',
  'dzdo',
  '.k5login',
  "Cisco 'enable'",
  "Checkpoint Gaia 'expert'",
] as const;

/** One of {@linkcode ESCALATION_METHODS}. */
export type EscalationMethod = (typeof ESCALATION_METHODS)[number];

/** A login to the scanned hosts by SSH with a password. Secret: never log or return it. */
export interface SshPasswordCredentials {
  type: 'ssh';
  auth_method: 'password';
  username: string;
  password: string;
  elevate_privileges_with: EscalationMethod;
  escalation_account?: string | undefined;
  escalation_password?: string | undefined;
}

/** A login to Windows hosts by SMB and WMI. Secret: never log or return it. */
export interface WindowsPasswordCredentials {
  username: string;
  password: string;
  domain?: string | undefined;
}

/** SNMPv3 authentication protocols. */
export const SNMP_AUTH_ALGORITHMS = ['SHA1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512', 'MD5'] as const;

/** SNMPv3 privacy protocols. */
export const SNMP_PRIVACY_ALGORITHMS = ['AES', 'AES-192', 'AES-256', 'DES'] as const;

/** An SNMPv3 login; without passwords, the user name alone. Secret: never log or return it. */
export interface SnmpV3Credentials {
  username: string;
  auth_algorithm?: (typeof SNMP_AUTH_ALGORITHMS)[number] | undefined;
  auth_password?: string | undefined;
  privacy_algorithm?: (typeof SNMP_PRIVACY_ALGORITHMS)[number] | undefined;
  privacy_password?: string | undefined;
}

/** Logins of several kinds, each for the hosts that speak it. */
export interface SeveralCredentials {
  type: 'several';
  ssh?: SshPasswordCredentials | undefined;
  windows?: WindowsPasswordCredentials | undefined;
  snmp_v3?: SnmpV3Credentials | undefined;
}

/** Logins that a scan request can carry: v3.0's one by SSH, or several. */
export type ScanCredentials = SshPasswordCredentials | SeveralCredentials;

const SshSchema: v.GenericSchema<unknown, SshPasswordCredentials> = v.object({
  type: v.literal('ssh'),
  auth_method: v.literal('password'),
  username: v.pipe(v.string(), v.minLength(1)),
  password: v.string(),
  elevate_privileges_with: v.optional(v.picklist(ESCALATION_METHODS), 'Nothing'),
  escalation_account: v.optional(v.string()),
  escalation_password: v.optional(v.string()),
});

/** Schema of {@linkcode ScanCredentials}. */
export const ScanCredentialsSchema: v.GenericSchema<unknown, ScanCredentials> = v.union([
  SshSchema,
  v.object({
    type: v.literal('several'),
    ssh: v.optional(SshSchema),
    windows: v.optional(
      v.object({
        username: v.pipe(v.string(), v.minLength(1)),
        password: v.string(),
        domain: v.optional(v.string()),
      }),
    ),
    snmp_v3: v.optional(
      v.object({
        username: v.pipe(v.string(), v.minLength(1)),
        auth_algorithm: v.optional(v.picklist(SNMP_AUTH_ALGORITHMS)),
        auth_password: v.optional(v.string()),
        privacy_algorithm: v.optional(v.picklist(SNMP_PRIVACY_ALGORITHMS)),
        privacy_password: v.optional(v.string()),
      }),
    ),
  }),
]);

/** Credentials as a vault has sealed them, for one task. */
export interface SealedCredentials {
  sealed: string;
}

/** Credentials as a task holds them: sealed, or as v3.0 wrote them. */
export type StoredCredentials = ScanCredentials | SealedCredentials;

/** Schema of {@linkcode StoredCredentials}. */
export const StoredCredentialsSchema: v.GenericSchema<unknown, StoredCredentials> = v.union([
  v.object({ sealed: v.string() }),
  ScanCredentialsSchema,
]);

/** Whether credentials are sealed. */
export function isSealed(credentials: StoredCredentials): credentials is SealedCredentials {
  return 'sealed' in credentials;
}

/** What a scan is restricted to. */
export interface ScanScope {
  /** Plugins that it runs, beside those that they depend on. */
  plugins: readonly number[];
  /** Ports that it looks at, as Nessus's `port_range` has them. @default those of the policy */
  ports?: string | undefined;
  /** Id of the finding that it verifies. */
  finding?: string | undefined;
}

/** Schema of {@linkcode ScanScope}. */
export const ScanScopeSchema: v.GenericSchema<unknown, ScanScope> = v.object({
  plugins: v.array(v.number()),
  ports: v.optional(v.string()),
  finding: v.optional(v.string()),
});

/** What a scanner is asked to do. */
export interface ScanRequest {
  /** Target list in Nessus's syntax. */
  targets: string;
  /** Shown in the scanner's own list. */
  name: string;
  /** Free text; a scanner adapter adds the {@linkcode marker} to it. */
  description: string;
  scanType: ScanType;
  /** Unique text by which the scan can be found again, such as the task id. */
  marker: string;
  /** It runs some plugins only. @default all of the policy */
  scope?: ScanScope | undefined;
  credentials?: ScanCredentials | undefined;
}
