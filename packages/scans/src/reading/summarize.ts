import {
  type Answer,
  type FindingGroup,
  GROUP_FIELDS,
  type ScanComparison,
  type ScanSummary,
} from '@nmcp/results';
import { cleanValue, HOST_FIELDS } from '@nmcp/schema';
import type { CompareScansInput, GetScanSummaryInput, Task } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requireCompletedTask, requireResults } from '../ownership.ts';
import { askOf } from './ask_of.ts';
import { READING } from './get_scan_results.ts';
import { refuseHostOutput, shownSummary } from './lockdown.ts';

/** A scan's summary, or its findings counted by a field. */
export type SummarizedScan = { task_id: string; partial?: true; warnings?: string[] } & (
  | ScanSummary
  | ({ group_by: string } & Answer<'groups'>)
);

/**
 * Summarizes a completed scan, or counts its findings by a field. Texts of hosts and plugins are cleaned.
 *
 * @throws {NmcpError} `not_found`, `not_ready`; `invalid_input` for a wrong query; `policy_denied` in lockdown
 */
export const getScanSummary: Operation<GetScanSummaryInput, SummarizedScan> = operation(
  { name: 'get_scan_summary', ...READING },
  async (services, caller, { task_id: id, group_by, filters, top }, signal) => {
    refuseHostOutput({ filters, fields: group_by === undefined ? [] : [fieldOfGroup(group_by)] }, services);
    const task = await requireResults(services.tasks, id, caller);
    const ask = askOf(services, task, caller, signal);
    const { task_id, partial, validation_warnings: warnings } = task;
    const about = { task_id, ...(partial ? { partial } : {}), ...(warnings?.length ? { warnings } : {}) };
    if (group_by === undefined)
      return cleanValue({ ...about, ...shownSummary(await ask('summary', { filters }), services) });
    return cleanValue({ ...about, group_by, ...(await ask('groups', { by: group_by, filters, top })) });
  },
);

/** The field that a group counts by, where it is a field. */
function fieldOfGroup(group: string): string {
  return HOST_FIELDS.some((field) => field === group) ? group : 'host';
}

/** Two scans and what changed between them. */
export interface ComparedScans {
  earlier: Task;
  later: Task;
  comparison: ScanComparison;
}

/**
 * What changed between two completed scans. Texts of hosts and plugins are cleaned.
 *
 * @throws {NmcpError} `not_found`, `not_ready`
 */
export const compareScans: Operation<CompareScansInput, ComparedScans> = operation(
  { name: 'compare_scans', ...READING, cost: 4 },
  async (services, caller, { earlier_task_id, later_task_id, top, severity }, signal) => {
    const { tasks } = services;
    const earlier = await requireCompletedTask(tasks, earlier_task_id, caller);
    const later = await requireCompletedTask(tasks, later_task_id, caller);
    const path = await tasks.results(later);
    const comparison = await askOf(
      services,
      earlier,
      caller,
      signal,
    )('changes', { later: path, top, severity });
    return { earlier, later, comparison: cleanValue(comparison) };
  },
);

export type { FindingGroup, ScanComparison, ScanSummary };
export { GROUP_FIELDS };
