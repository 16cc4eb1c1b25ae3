import { owns } from '@nmcp/access';
import { type FindingsIndex, type ScanSummary, summarizeScan } from '@nmcp/results';
import { type Finding, parseSort } from '@nmcp/schema';
import { type Filters, isNmcpError, NmcpError, type Task } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requireResults } from '../ownership.ts';
import type { Services } from '../services.ts';
import { READING } from './get_scan_results.ts';
import { refuseHostOutput, shownFinding } from './lockdown.ts';

/** Which findings, and how many at a time. */
export interface FindFindingsInput {
  task_id: string;
  filters?: Filters | undefined;
  /** Field names, those with `-` in front descending. @default as in the file */
  sort?: string[] | undefined;
  /** From 1; beyond the end, the last page. */
  page: number;
  page_size: number;
}

/** A page of findings. */
export interface FindingsPage {
  findings: Finding[];
  total: number;
  pages: number;
}

/**
 * A page of findings, as values.
 *
 * @throws {NmcpError} `not_found`, `not_ready`; `invalid_input` for a wrong query; `policy_denied` in lockdown
 */
export const findFindings: Operation<FindFindingsInput, FindingsPage> = operation(
  { name: 'find_findings', ...READING },
  async (services, caller, { task_id, filters = {}, sort, page, page_size }) => {
    const { lockdown } = services;
    refuseHostOutput([filters, sort], { lockdown });
    const index = await openIndex(services, await requireResults(services.tasks, task_id, caller));
    const selection = index.select(filters, parseSort(sort));
    const total = selection.rows.length;
    const pages = Math.max(1, Math.ceil(total / page_size));
    const start = (Math.min(page, pages) - 1) * page_size;
    const rows = index.window(selection, start, Math.min(total, start + page_size));
    return {
      findings: Array.from(rows, (row) => shownFinding(index.finding(row), { lockdown })),
      total,
      pages,
    };
  },
);

/** A plugin on a host. */
export interface GetFindingInput {
  task_id: string;
  host: string;
  plugin_id: string;
}

/** Maximum number of findings of one plugin on one host, which can have one per port. */
const MAX_PORTS = 50;

/** What a plugin found on a host, in full. @throws {NmcpError} `not_found`, `not_ready` */
export const getFinding: Operation<GetFindingInput, { task: Task; findings: Finding[] }> = operation(
  { name: 'get_finding', ...READING },
  async (services, caller, { task_id, host, plugin_id }) => {
    const task = await requireResults(services.tasks, task_id, caller);
    const index = await openIndex(services, task);
    const { rows } = index.select({ host: { in: [host] }, plugin_id: { in: [plugin_id] } });
    if (rows.length === 0)
      throw new NmcpError('not_found', 'The scan has no such finding', { title: 'Finding not found' });
    const findings = [...rows.subarray(0, MAX_PORTS)].map((row) =>
      shownFinding(index.finding(row), services),
    );
    return { task, findings };
  },
);

/** What a completed scan's page shows beside its findings. */
export interface ScanReport {
  summary: ScanSummary;
  /** Whether the scanner could log in, by host. */
  logins: Readonly<Record<string, string>>;
  /** Fields that its findings have. */
  fields: readonly string[];
  /** The caller's earlier completed scans of the same targets, newest first. */
  earlier: readonly Task[];
}

/** Maximum number of earlier scans. */
const MAX_EARLIER = 20;

/** What a completed scan's page shows beside its findings. @throws {NmcpError} `not_found`, `not_ready` */
export const getScanReport: Operation<{ task_id: string }, ScanReport> = operation(
  { name: 'get_scan_report', ...READING },
  async (services, caller, { task_id }) => {
    const { tasks } = services;
    const task = await requireResults(tasks, task_id, caller);
    const index = await openIndex(services, task);
    const same = await tasks
      .list({ status: 'completed', targets: task.payload.targets })
      .catch((error: unknown): Task[] => {
        // an imported report can name hosts that are not among the targets
        if (isNmcpError(error, 'invalid_input')) return [];
        throw error;
      });
    const earlier = same.filter(
      (other) =>
        other.task_id !== task.task_id && owns(caller, other.owner) && other.created_at <= task.created_at,
    );
    return {
      summary: summarizeScan(index),
      logins: index.validation.logins,
      fields: index.meta.fields,
      earlier: earlier.slice(0, MAX_EARLIER),
    };
  },
);

/** Names of the hosts of a completed scan. @throws {NmcpError} `not_found`, `not_ready` */
export const listHosts: Operation<{ task_id: string }, readonly string[]> = operation(
  { name: 'list_hosts', ...READING },
  async (services, caller, { task_id }) =>
    (await openIndex(services, await requireResults(services.tasks, task_id, caller))).hostNames,
);

function openIndex({ tasks, results }: Services, { task_id }: Task): Promise<FindingsIndex> {
  return results.open(tasks.paths(task_id).native);
}
