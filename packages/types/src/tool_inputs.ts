import * as v from 'valibot';
import { type Filters, FiltersSchema } from './filter.ts';
import { DEFAULT_PROFILE, SCHEMA_PROFILES, type SchemaProfile } from './profile.ts';
import {
  ESCALATION_METHODS,
  type EscalationMethod,
  SNMP_AUTH_ALGORITHMS,
  SNMP_PRIVACY_ALGORITHMS,
} from './scan_request.ts';
import { SCAN_STATES, type ScanState } from './scan_state.ts';

const describe = <const T extends string>(text: T): v.DescriptionAction<string, T> => v.description(text);

const name = v.pipe(
  v.string(),
  v.minLength(1, 'name is empty'),
  v.maxLength(256),
  describe('Name shown in lists'),
);
const targets = v.pipe(
  v.string(),
  describe(
    'Addresses, CIDR blocks, ranges or host names, comma-separated, such as "10.0.0.0/28, web.example.org"',
  ),
);
const description = v.optional(
  v.pipe(v.string(), v.maxLength(4096), describe('Free text about the scan')),
  '',
);
const profile = v.optional(
  v.pipe(
    v.picklist(SCHEMA_PROFILES),
    v.description('Fields of each finding: minimal < summary < brief < full'),
  ),
  DEFAULT_PROFILE,
);
const idempotencyKey = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 printable characters without blanks'),
    describe('Repeat a call with the same key and it answers the first task (48 h)'),
  ),
);
const pool = v.optional(v.pipe(v.string(), describe('Scanner pool')), 'nessus');
const anyPool = v.optional(v.pipe(v.string(), describe('Only this scanner pool')));
const instance = v.optional(
  v.pipe(v.string(), describe('One scanner of the pool; default: the least loaded')),
);
const taskId = v.pipe(v.string(), describe('The task_id that a run_*_scan tool answered'));

/** Arguments of run_untrusted_scan. */
export interface RunUntrustedScanInput {
  targets: string;
  name: string;
  description: string;
  schema_profile: SchemaProfile;
  idempotency_key?: string | undefined;
  scanner_pool: string;
  scanner_instance?: string | undefined;
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
  snmp_auth_algorithm: (typeof SNMP_AUTH_ALGORITHMS)[number];
  snmp_privacy_password?: string | undefined;
  snmp_privacy_algorithm: (typeof SNMP_PRIVACY_ALGORITHMS)[number];
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
      v.pipe(v.string(), describe('Name of credentials that the operator keeps, in place of logins here')),
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
        describe('For Windows hosts (SMB, WMI)'),
      ),
    ),
    windows_password: v.optional(v.pipe(v.string(), v.minLength(1, 'windows_password is empty'))),
    windows_domain: v.optional(v.string()),
    snmp_username: v.optional(
      v.pipe(v.string(), v.minLength(1, 'snmp_username is empty'), describe('For network devices (SNMPv3)')),
    ),
    snmp_auth_password: v.optional(v.string()),
    snmp_auth_algorithm: v.optional(v.picklist(SNMP_AUTH_ALGORITHMS), 'SHA-256'),
    snmp_privacy_password: v.optional(v.string()),
    snmp_privacy_algorithm: v.optional(v.picklist(SNMP_PRIVACY_ALGORITHMS), 'AES'),
    idempotency_key: idempotencyKey,
    scanner_pool: pool,
    scanner_instance: instance,
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
    v.pipe(v.string(), describe('Scanner that has it; needed where the pool has several')),
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

/** Arguments of list_scanner_scans. */
export interface ListScannerScansInput {
  scanner_pool: string;
  scanner_instance?: string | undefined;
  limit: number;
}

/** Schema of {@linkcode ListScannerScansInput}. */
export const ListScannerScansInputSchema: v.GenericSchema<unknown, ListScannerScansInput> = v.strictObject({
  scanner_pool: pool,
  scanner_instance: v.optional(v.pipe(v.string(), describe('Needed where the pool has several'))),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)), 50),
});

/** Arguments of get_scan_status. */
export interface GetScanStatusInput {
  task_id: string;
}

/** Schema of {@linkcode GetScanStatusInput}. */
export const GetScanStatusInputSchema: v.GenericSchema<unknown, GetScanStatusInput> = v.strictObject({
  task_id: taskId,
});

/** Arguments of wait_for_scan. */
export interface WaitForScanInput {
  task_id: string;
  /** `change`: of state or progress. */
  until: 'change' | 'end';
  /** At most 55: clients give up on calls after a minute. */
  timeout_seconds: number;
}

/** Schema of {@linkcode WaitForScanInput}. */
export const WaitForScanInputSchema: v.GenericSchema<unknown, WaitForScanInput> = v.strictObject({
  task_id: taskId,
  until: v.optional(v.picklist(['change', 'end']), 'change'),
  timeout_seconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(55)), 55),
});

/** Arguments of cancel_scan. */
export type CancelScanInput = GetScanStatusInput;

/** Schema of {@linkcode CancelScanInput}. */
export const CancelScanInputSchema: v.GenericSchema<unknown, CancelScanInput> = v.strictObject({
  task_id: taskId,
});

/** Arguments of get_scan_results. */
export interface GetScanResultsInput {
  task_id: string;
  /** From 1; 0 means everything. */
  page: number;
  page_size: number;
  /** In place of page: `next_cursor` of the page before, `""` for the first. */
  cursor?: string | undefined;
  /** In place of page_size: as many findings as fit. */
  max_tokens?: number | undefined;
  schema_profile: SchemaProfile;
  custom_fields?: string[] | undefined;
  filters?: Filters | undefined;
  /** Field names, those with `-` in front descending. */
  sort?: string[] | undefined;
}

/** Schema of {@linkcode GetScanResultsInput}. */
export const GetScanResultsInputSchema: v.GenericSchema<unknown, GetScanResultsInput> = v.strictObject({
  task_id: taskId,
  page: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.description('From 1; 0 = everything')),
    1,
  ),
  page_size: v.optional(v.pipe(v.number(), v.integer(), v.description('Clamped to 10-100')), 40),
  cursor: v.optional(
    v.pipe(v.string(), describe('In place of page: next_cursor of the page before; "" for the first')),
  ),
  max_tokens: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(500),
      v.description('In place of page_size: as many findings as fit; go on with next_cursor'),
    ),
  ),
  schema_profile: profile,
  custom_fields: v.optional(
    v.pipe(v.array(v.string()), v.minLength(1), v.description('Fields in place of a profile')),
  ),
  filters: v.optional(
    v.pipe(
      FiltersSchema,
      v.description(
        'All must hold: text = contains, ">7.0" on numbers, booleans, {"in": [...]}, {"regex": "..."}, {"cidr": "10.0.0.0/8"} on host, any/all/not. E.g. {"severity": ">=3", "any": [{"cve": "2021"}, {"exploit_available": true}]}',
      ),
    ),
  ),
  sort: v.optional(
    v.pipe(v.array(v.string()), v.description('E.g. ["-cvss_score", "host"]; default: as in the file')),
  ),
});

/** Arguments of get_scan_summary. */
export interface GetScanSummaryInput {
  task_id: string;
  group_by?: string | undefined;
  filters?: Filters | undefined;
  top: number;
}

const top = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 10);

/** Schema of {@linkcode GetScanSummaryInput}. */
export const GetScanSummaryInputSchema: v.GenericSchema<unknown, GetScanSummaryInput> = v.strictObject({
  task_id: taskId,
  group_by: v.optional(
    v.pipe(
      v.string(),
      describe('Count findings by severity, host, plugin, family, cve, port or service instead'),
    ),
  ),
  filters: v.optional(
    v.pipe(FiltersSchema, v.description('With group_by: which findings; as in get_scan_results')),
  ),
  top,
});

/** Arguments of compare_scans. */
export interface CompareScansInput {
  earlier_task_id: string;
  later_task_id: string;
  top: number;
}

/** Schema of {@linkcode CompareScansInput}. */
export const CompareScansInputSchema: v.GenericSchema<unknown, CompareScansInput> = v.strictObject({
  earlier_task_id: taskId,
  later_task_id: taskId,
  top,
});

/** Arguments of list_tasks. */
export interface ListTasksInput {
  limit: number;
  status_filter?: ScanState | undefined;
  scanner_pool?: string | undefined;
  target_filter?: string | undefined;
}

/** Schema of {@linkcode ListTasksInput}. */
export const ListTasksInputSchema: v.GenericSchema<unknown, ListTasksInput> = v.strictObject({
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)), 10),
  status_filter: v.optional(v.picklist(SCAN_STATES)),
  scanner_pool: anyPool,
  target_filter: v.optional(
    v.pipe(
      v.string(),
      describe('Tasks whose targets overlap these: an address finds its network and the other way round'),
    ),
  ),
});

/** Arguments of list_scanners. */
export interface ListScannersInput {
  scanner_pool?: string | undefined;
}

/** Schema of {@linkcode ListScannersInput}. */
export const ListScannersInputSchema: v.GenericSchema<unknown, ListScannersInput> = v.strictObject({
  scanner_pool: anyPool,
});

/** Arguments of get_pool_status and get_queue_status. */
export interface PoolInput {
  scanner_pool: string;
}

/** Schema of {@linkcode PoolInput}. */
export const PoolInputSchema: v.GenericSchema<unknown, PoolInput> = v.strictObject({ scanner_pool: pool });

/** Arguments of a tool that takes none. */
export type NoInput = Record<string, never>;

/** Schema of {@linkcode NoInput}. */
export const NoInputSchema: v.GenericSchema<unknown, NoInput> = v.strictObject({});
