import * as v from 'valibot';
import { type Filters, filtersSchema } from '../filter.ts';
import type { SchemaProfile } from '../profile.ts';
import { clamped, profile, taskId } from './fields.ts';

/** Characters of a text in a finding when the caller does not say. */
export const DEFAULT_TEXT_LENGTH = 4000;

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
  /** Characters of a text; the rest is cut, with a mark. */
  max_text: number;
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
    v.pipe(
      v.string(),
      v.minLength(0),
      v.description('In place of page: next_cursor of the page before; "" for the first'),
    ),
  ),
  max_tokens: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(500),
      v.description('In place of page_size: as many findings as fit; go on with next_cursor'),
    ),
  ),
  max_text: v.optional(
    v.pipe(clamped(20, 65_536), v.description('Characters of a text in a finding; what is cut is marked')),
    DEFAULT_TEXT_LENGTH,
  ),
  schema_profile: profile,
  custom_fields: v.optional(v.pipe(v.array(v.string()), v.description('Fields in place of a profile'))),
  filters: v.optional(
    filtersSchema(
      'All must hold. Fields: host (address, CIDR, range or name), host_ip, host_fqdn, os, credentialed, severity (critical, ">=high", 0-4), plugin_id, plugin_name, plugin_family, port, svc_name, cve, cvss_score, exploit_available, solution, plugin_output and more (resource nessus://fields). Whole addresses, ports, ids and CVEs are exact, other text = contains; ">7.0", {"in": [...]}, {"gte": 7}, {"regex": "..."}, {"exists": true}, any/all/not. E.g. {"host": "10.0.3.0/24", "severity": ">=high", "any": [{"os": "windows"}, {"exploit_available": true}]}',
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

const top = v.optional(clamped(1, 100), 10);

/** Schema of {@linkcode GetScanSummaryInput}. */
export const GetScanSummaryInputSchema: v.GenericSchema<unknown, GetScanSummaryInput> = v.strictObject({
  task_id: taskId,
  group_by: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'Count findings by severity, host, plugin, family, cve, port, service, os, credentialed, solution, host_fqdn, or fix (one update or step that removes many) instead',
      ),
    ),
  ),
  filters: v.optional(filtersSchema('Only these findings; as in get_scan_results')),
  top,
});

/** Arguments of compare_scans. */
export interface CompareScansInput {
  earlier_task_id: string;
  later_task_id: string;
  /** A condition on severity. */
  severity?: string | undefined;
  top: number;
}

/** Schema of {@linkcode CompareScansInput}. */
export const CompareScansInputSchema: v.GenericSchema<unknown, CompareScansInput> = v.strictObject({
  earlier_task_id: taskId,
  later_task_id: taskId,
  severity: v.optional(v.pipe(v.string(), v.description('E.g. "critical" or ">=high"'))),
  top,
});
