import * as v from 'valibot';

/** How scans are created on a scanner; what is left out is as the scanner has it. */
export interface ScanSettingsConfig {
  /** Scanner that does the work, by name or number, where this one manages several: Manager, Tenable Vulnerability Management. */
  scanner?: string | number | undefined;
  /** Folder by name; made where it is missing. */
  folder?: string | undefined;
  /** Template by name. @default advanced */
  template?: string | undefined;
  /** Policy by name, in place of a template. */
  policy?: string | undefined;
  /** Further fields of the template, as the scanner's API names them. */
  settings: Record<string, unknown>;
}

/** Accounts of methods that need two to become root. */
export interface EscalationConfig {
  /** Of `su+sudo`: the account that su changes to, from which sudo goes on. @default that of the request */
  su_user?: string | undefined;
}

/** Algorithms of SNMPv3 where a request names none. SHA-2 is known to scanners since 2023. */
export interface SnmpV3Config {
  auth_algorithm?: 'SHA1' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512' | 'MD5' | undefined;
  privacy_algorithm?: 'AES' | 'AES-192' | 'AES-256' | 'DES' | undefined;
}

/** Limits of the calls to a scanner, beside that of its scans. */
export interface CallLimits {
  calls_per_minute?: number | undefined;
  concurrent_calls?: number | undefined;
}

const name = v.pipe(v.string('expected a name'), v.minLength(1, 'is empty; expected a name'));
const count = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.transform(Number))], 'expected a number from 1'),
  v.number('expected a number from 1'),
  v.minValue(1, 'expected a number from 1'),
);

/** What the product itself says of a scan. */
const OURS = ['name', 'text_targets', 'description', 'policy_id', 'folder_id', 'scanner_id', 'launch_now'];

/** Schema of `scan` in an entry of scanners.yaml. */
export const ScanSettingsSchema: v.GenericSchema<unknown, ScanSettingsConfig> = v.pipe(
  v.strictObject({
    scanner: v.optional(v.union([name, v.number()], 'expected the name or the number of a scanner')),
    folder: v.optional(name),
    template: v.optional(name),
    policy: v.optional(name),
    settings: v.optional(
      v.pipe(
        v.record(v.string(), v.unknown(), 'expected fields of the template'),
        v.check(
          (settings) => !OURS.some((field) => field in settings),
          `cannot have ${OURS.join(', ')}: the request, or another field here, says these`,
        ),
      ),
      {},
    ),
  }),
  v.check(
    ({ template, policy }) => template === undefined || policy === undefined,
    'expected either template or policy',
  ),
);

/** Schema of `escalation`. */
export const EscalationSchema: v.GenericSchema<unknown, EscalationConfig> = v.strictObject({
  su_user: v.optional(name),
});

/** Schema of `snmp_v3`. */
export const SnmpV3Schema: v.GenericSchema<unknown, SnmpV3Config> = v.strictObject({
  auth_algorithm: v.optional(v.picklist(['SHA1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512', 'MD5'])),
  privacy_algorithm: v.optional(v.picklist(['AES', 'AES-192', 'AES-256', 'DES'])),
});

/** Schema of `limits`. */
export const CallLimitsSchema: v.GenericSchema<unknown, CallLimits> = v.strictObject({
  calls_per_minute: v.optional(count),
  concurrent_calls: v.optional(count),
});
