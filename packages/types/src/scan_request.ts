import * as v from 'valibot';

/** Scan with or without logging in to the hosts. */
export const SCAN_TYPES: readonly ['untrusted', 'authenticated', 'authenticated_privileged'] = [
  'untrusted',
  'authenticated',
  'authenticated_privileged',
];

/** One of {@linkcode SCAN_TYPES}. */
export type ScanType = (typeof SCAN_TYPES)[number];

/** How a login becomes root on a host; the words are Nessus's own. */
export const ESCALATION_METHODS: readonly [
  'Nothing',
  'sudo',
  'su',
  'su+sudo',
  'pbrun',
  'dzdo',
  '.k5login',
  "Cisco 'enable'",
  "Checkpoint Gaia 'expert'",
] = [
  'Nothing',
  'sudo',
  'su',
  'su+sudo',
  'pbrun',
  'dzdo',
  '.k5login',
  "Cisco 'enable'",
  "Checkpoint Gaia 'expert'",
];

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

/** Logins that a scan request can carry. */
export type ScanCredentials = SshPasswordCredentials;

/** Schema of {@linkcode ScanCredentials}. */
export const ScanCredentialsSchema: v.GenericSchema<unknown, ScanCredentials> = v.object({
  type: v.literal('ssh'),
  auth_method: v.literal('password'),
  username: v.pipe(v.string(), v.minLength(1)),
  password: v.string(),
  elevate_privileges_with: v.optional(v.picklist(ESCALATION_METHODS), 'Nothing'),
  escalation_account: v.optional(v.string()),
  escalation_password: v.optional(v.string()),
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
  credentials?: ScanCredentials | undefined;
}
