import {
  compareScans as compareIndexes,
  type FindingGroup,
  groupFindings,
  type ScanComparison,
  type ScanSummary,
  summarizeScan,
} from '@nmcp/results';
import { cleanValue } from '@nmcp/schema';
import { type CompareScansInput, type GetScanSummaryInput, NmcpError, type Task } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requireCompletedTask, requireResults } from '../ownership.ts';
import { READING } from './get_scan_results.ts';
import { refuseHostOutput } from './lockdown.ts';

/** A scan's summary, or its findings counted by a field. */
export type SummarizedScan = { task_id: string; partial?: true } & (
  | ScanSummary
  | ({ group_by: string } & ReturnType<typeof groupFindings>)
);

/**
 * Summarizes a completed scan, or counts its findings by a field. Texts of hosts and plugins are cleaned.
 *
 * @throws {NmcpError} `not_found`, `not_ready`; `invalid_input` for a wrong query; `policy_denied` in lockdown
 */
export const getScanSummary: Operation<GetScanSummaryInput, SummarizedScan> = operation(
  { name: 'get_scan_summary', ...READING },
  async ({ tasks, results, lockdown }, caller, { task_id: id, group_by, filters, top }) => {
    refuseHostOutput([group_by, filters], { lockdown });
    const { task_id, partial } = await requireResults(tasks, id, caller);
    if (filters !== undefined && group_by === undefined)
      throw new NmcpError(
        'invalid_input',
        'filters require group_by; for the filtered findings themselves use get_scan_results',
        { title: 'Invalid input' },
      );
    const index = await results.open(tasks.paths(task_id).native);
    const about = { task_id, ...(partial ? { partial } : {}) };
    if (group_by === undefined) return cleanValue({ ...about, ...summarizeScan(index) });
    return cleanValue({ ...about, group_by, ...groupFindings(index, group_by, { filters, top }) });
  },
);

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
  { name: 'compare_scans', ...READING },
  async ({ tasks, results }, caller, { earlier_task_id, later_task_id, top }) => {
    const earlier = await requireCompletedTask(tasks, earlier_task_id, caller);
    const later = await requireCompletedTask(tasks, later_task_id, caller);
    const before = await results.open(tasks.paths(earlier.task_id).native);
    const after = await results.open(tasks.paths(later.task_id).native);
    return { earlier, later, comparison: cleanValue(compareIndexes(before, after, { top })) };
  },
);

export type { FindingGroup, ScanComparison, ScanSummary };
