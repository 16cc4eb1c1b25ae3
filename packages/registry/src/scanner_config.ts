import { instanceKey, type PoolName } from '@nmcp/types';
import * as v from 'valibot';
import {
  type CallLimits,
  CallLimitsSchema,
  type EscalationConfig,
  EscalationSchema,
  type ScanSettingsConfig,
  ScanSettingsSchema,
  type SnmpV3Config,
  SnmpV3Schema,
} from './scan_settings.ts';

/** Kinds of scanners that have an adapter. */
export const SCANNER_TYPES: readonly string[] = ['nessus'];

/** How a scanner's certificate is trusted; at most one of these. */
export interface ScannerTls {
  /** Path of a PEM file with the CA, or with the self-signed certificate itself. */
  ca_file?: string | undefined;
  /** SHA-256 of the certificate, in hexadecimal, with or without colons. */
  fingerprint?: string | undefined;
  /** Trust any certificate: a man in the middle can read the credentials. */
  insecure?: boolean | undefined;
}

/** One scanner of scanners.yaml. */
export interface ScannerConfig {
  pool: PoolName;
  /** Kind of scanner: the pool's name up to its first underscore. */
  scanner_type: string;
  instance_id: string;
  name: string;
  url: string;
  auth: { username: string; password: string } | { accessKey: string; secretKey: string };
  tls: ScannerTls;
  enabled: boolean;
  max_concurrent_scans: number;
  /** How scans are created there. @default from the template advanced */
  scan?: ScanSettingsConfig | undefined;
  escalation?: EscalationConfig | undefined;
  snmp_v3?: SnmpV3Config | undefined;
  /** @default as many calls as come */
  limits?: CallLimits | undefined;
}

/** The scanner's key in the queue's store: `pool:instance_id`. */
export function keyOf({ pool, instance_id }: Pick<ScannerConfig, 'pool' | 'instance_id'>): string {
  return instanceKey(pool, instance_id);
}

/** Scanners by pool, in the file's order. */
export type PoolConfigs = ReadonlyMap<PoolName, readonly ScannerConfig[]>;

/** `${ENABLED:-true}` is a string once it is expanded. */
const flag = v.union(
  [
    v.boolean(),
    v.pipe(
      v.picklist(['true', 'false']),
      v.transform((text) => text === 'true'),
    ),
  ],
  'expected true or false',
);
const slots = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.transform(Number))], 'expected a whole number from 1'),
  v.number('expected a whole number from 1'),
  v.integer('expected a whole number from 1'),
  v.minValue(1, 'expected a whole number from 1'),
);
const required = (what: string): v.GenericSchema<unknown, string> =>
  v.pipe(v.string(`expected ${what}`), v.minLength(1, `is empty; expected ${what}`));

const httpUrl = v.pipe(
  v.string('expected a URL such as https://nessus.example.org:8834'),
  v.check(
    (text) => /^https?:$/.test(protocolOf(text)),
    'is not a URL such as https://nessus.example.org:8834',
  ),
);

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : '';
}

const TlsSchema: v.GenericSchema<unknown, ScannerTls> = v.pipe(
  v.strictObject({
    ca_file: v.optional(required('a path')),
    fingerprint: v.optional(
      v.pipe(
        v.string(),
        v.regex(
          /^(?:sha-?256 fingerprint\s*=\s*)?(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, // as openssl prints it, too
          'expected a SHA-256 fingerprint: 64 hexadecimal digits',
        ),
      ),
    ),
    insecure: v.optional(flag),
  }),
  v.check(
    (tls) =>
      [tls.ca_file, tls.fingerprint, tls.insecure || undefined].filter((way) => way !== undefined).length <=
      1,
    'expected only one of ca_file, fingerprint and insecure',
  ),
);

/** What an entry of scanners.yaml holds before it is given its pool. */
export interface ScannerEntry {
  instance_id: string;
  name?: string | undefined;
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  access_key?: string | undefined;
  secret_key?: string | undefined;
  tls: ScannerTls;
  enabled: boolean;
  max_concurrent_scans: number;
  scan?: ScanSettingsConfig | undefined;
  escalation?: EscalationConfig | undefined;
  snmp_v3?: SnmpV3Config | undefined;
  limits?: CallLimits | undefined;
}

/** Schema of an entry; unknown names are rejected, since they are typos. */
export const ScannerEntrySchema: v.GenericSchema<unknown, ScannerEntry> = v.pipe(
  v.strictObject({
    instance_id: v.pipe(
      v.string('expected a name'),
      v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, 'expected letters, digits, "_", "." and "-"'),
    ),
    name: v.optional(v.string()),
    url: httpUrl,
    username: v.optional(required('a user name')),
    password: v.optional(required('a password')),
    access_key: v.optional(required('an access key')),
    secret_key: v.optional(required('a secret key')),
    tls: v.optional(TlsSchema, {}),
    enabled: v.optional(flag, true),
    max_concurrent_scans: v.optional(slots, 2),
    scan: v.optional(ScanSettingsSchema),
    escalation: v.optional(EscalationSchema),
    snmp_v3: v.optional(SnmpV3Schema),
    limits: v.optional(CallLimitsSchema),
  }),
  v.check(
    (entry) =>
      (entry.username !== undefined && entry.password !== undefined) !==
      (entry.access_key !== undefined && entry.secret_key !== undefined),
    'expected either username and password, or access_key and secret_key',
  ),
);
