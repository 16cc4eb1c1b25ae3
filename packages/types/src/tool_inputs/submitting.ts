import * as v from 'valibot';
import type { SchemaProfile } from '../profile.ts';
import {
  ESCALATION_METHODS,
  type EscalationMethod,
  SNMP_AUTH_ALGORITHMS,
  SNMP_PRIVACY_ALGORITHMS,
} from '../scan_request.ts';
import { pool, profile } from './fields.ts';

const name = v.pipe(
  v.string(),
  v.minLength(1, 'name is empty'),
  v.maxLength(256),
  v.description('Name shown in lists'),
);
const targets = v.pipe(
  v.string(),
  v.description(
    'Addresses, CIDR blocks, ranges or host names, comma-separated, such as "10.0.0.0/28, web.example.org"',
  ),
);
const description = v.optional(
  v.pipe(v.string(), v.maxLength(4096), v.description('Free text about the scan')),
  '',
);
const idempotencyKey = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 printable characters without spaces'),
    v.description('Repeat a call with the same key and it answers the first task (48 h)'),
  ),
);
const instance = v.optional(
  v.pipe(v.string(), v.description('One scanner of the pool; default: the least loaded')),
);

const pluginIds = v.optional(
  v.pipe(
    v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999_999_999))),
    v.minLength(1, 'plugin_ids is empty'),
    v.maxLength(50, 'plugin_ids has more than 50'),
    v.description('Run these alone'),
  ),
);
const verify = v.optional(
  v.pipe(
    v.string(),
    v.maxLength(1000),
    v.description('Look only whether this finding is still there: its id in search_findings'),
  ),
);

/** Arguments of run_untrusted_scan. */
export interface RunUntrustedScanInput {
  targets: string;
  name: string;
  description: string;
  schema_profile: SchemaProfile;
  idempotency_key?: string | undefined;
  scanner_pool: string;
  scanner_instance?: string | undefined;
  plugin_ids?: readonly number[] | undefined;
  verify?: string | undefined;
}

/** Schema of {@linkcode RunUntrustedScanInput}. */
export const RunUntrustedScanInputSchema: v.GenericSchema<unknown, RunUntrustedScanInput> = v.strictObject({
  targets,
  name,
  description,
  schema_profile: profile,
  idempotency_key: idempotencyKey,
  scanner_pool: pool,
  scanner_instance: instance,
  plugin_ids: pluginIds,
  verify,
});

/** Arguments of run_authenticated_scan. */
export interface RunAuthenticatedScanInput extends RunUntrustedScanInput {
  scan_type: 'authenticated' | 'authenticated_privileged';
  credential_ref?: string | undefined;
  ssh_username?: string | undefined;
  ssh_password?: string | undefined;
  elevate_privileges_with: EscalationMethod;
  escalation_account?: string | undefined;
  escalation_password?: string | undefined;
  windows_username?: string | undefined;
  windows_password?: string | undefined;
  windows_domain?: string | undefined;
  snmp_username?: string | undefined;
  snmp_auth_password?: string | undefined;
  /** @default as the scanner's configuration says, else SHA-256 */
  snmp_auth_algorithm?: (typeof SNMP_AUTH_ALGORITHMS)[number] | undefined;
  snmp_privacy_password?: string | undefined;
  /** @default as the scanner's configuration says, else AES */
  snmp_privacy_algorithm?: (typeof SNMP_PRIVACY_ALGORITHMS)[number] | undefined;
}

/** Schema of {@linkcode RunAuthenticatedScanInput}. */
export const RunAuthenticatedScanInputSchema: v.GenericSchema<unknown, RunAuthenticatedScanInput> =
  v.strictObject({
    targets,
    name,
    scan_type: v.pipe(
      v.picklist(['authenticated', 'authenticated_privileged']),
      v.description('authenticated_privileged also escalates to root'),
    ),
    credential_ref: v.optional(
      v.pipe(
        v.string(),
        v.description('Name of credentials that the operator keeps, in place of logins here'),
      ),
    ),
    ssh_username: v.optional(v.pipe(v.string(), v.minLength(1, 'ssh_username is empty'))),
    ssh_password: v.optional(v.pipe(v.string(), v.minLength(1, 'ssh_password is empty'))),
    description,
    schema_profile: profile,
    elevate_privileges_with: v.optional(v.picklist(ESCALATION_METHODS), 'Nothing'),
    escalation_account: v.optional(v.string()),
    escalation_password: v.optional(v.string()),
    windows_username: v.optional(
      v.pipe(
        v.string(),
        v.minLength(1, 'windows_username is empty'),
        v.description('For Windows hosts (SMB, WMI)'),
      ),
    ),
    windows_password: v.optional(v.pipe(v.string(), v.minLength(1, 'windows_password is empty'))),
    windows_domain: v.optional(v.string()),
    snmp_username: v.optional(
      v.pipe(
        v.string(),
        v.minLength(1, 'snmp_username is empty'),
        v.description('For network devices (SNMPv3)'),
      ),
    ),
    snmp_auth_password: v.optional(v.string()),
    snmp_auth_algorithm: v.optional(v.picklist(SNMP_AUTH_ALGORITHMS)),
    snmp_privacy_password: v.optional(v.string()),
    snmp_privacy_algorithm: v.optional(v.picklist(SNMP_PRIVACY_ALGORITHMS)),
    idempotency_key: idempotencyKey,
    scanner_pool: pool,
    scanner_instance: instance,
    plugin_ids: pluginIds,
    verify,
  });

/** Arguments of import_scan. */
export interface ImportScanInput {
  nessus_scan_id?: number | undefined;
  scanner_pool: string;
  scanner_instance?: string | undefined;
  file?: string | undefined;
  name?: string | undefined;
}

/** Schema of {@linkcode ImportScanInput}. */
export const ImportScanInputSchema: v.GenericSchema<unknown, ImportScanInput> = v.strictObject({
  nessus_scan_id: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.description('A scan on the scanner, running or finished; list_scanner_scans has them'),
    ),
  ),
  scanner_pool: pool,
  scanner_instance: v.optional(
    v.pipe(v.string(), v.description('Scanner that has it; needed where the pool has several')),
  ),
  file: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[\w][\w .()-]{0,200}$/, 'expected the name of a file, without folders'),
      v.description("In its place: name of a .nessus file in the server's import folder"),
    ),
  ),
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(256))),
});
