import { maySee } from '@nmcp/access';
import type { FindingsPage, IndexedScan, PageQuery } from '@nmcp/results';
import { type Finding, shownFinding } from '@nmcp/schema';
import { isNmcpError, NmcpError, type Task } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requireResults } from '../ownership.ts';
import { askOf } from './ask_of.ts';
import { READING } from './get_scan_results.ts';
import { refuseHostOutput, shownSummary } from './lockdown.ts';

/** Which findings, and how many at a time. */
export interface FindFindingsInput extends PageQuery {
  task_id: string;
}

/**
 * A page of findings, as values.
 *
 * @throws {NmcpError} `not_found`, `not_ready`; `invalid_input` for a wrong query; `policy_denied` in lockdown
 */
export const findFindings: Operation<FindFindingsInput, FindingsPage> = operation(
  { name: 'find_findings', ...READING },
  async (services, caller, { task_id, ...query }, signal) => {
    refuseHostOutput(query, services);
    const task = await requireResults(services.tasks, task_id, caller);
    const page = await askOf(services, task, caller, signal)('page', query);
    return { ...page, findings: page.findings.map((finding) => shownFinding(finding, services)) };
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
  async (services, caller, { task_id, host, plugin_id }, signal) => {
    const task = await requireResults(services.tasks, task_id, caller);
    const filters = { host: { in: [host] }, plugin_id: { in: [plugin_id] } };
    const findings = await askOf(services, task, caller, signal)('first', { filters, count: MAX_PORTS });
    if (findings.length === 0)
      throw new NmcpError('not_found', 'The scan has no such finding', { title: 'Finding not found' });
    return { task, findings: findings.map((finding) => shownFinding(finding, services)) };
  },
);

/** What a completed scan's page shows beside its findings. */
export interface ScanReport extends IndexedScan {
  /** Earlier completed scans of the same targets, newest first. */
  earlier: readonly Task[];
}

/** Maximum number of earlier scans. */
const MAX_EARLIER = 20;

/** What a completed scan's page shows beside its findings. @throws {NmcpError} `not_found`, `not_ready` */
export const getScanReport: Operation<{ task_id: string }, ScanReport> = operation(
  { name: 'get_scan_report', ...READING },
  async (services, caller, { task_id }, signal) => {
    const { tasks } = services;
    const task = await requireResults(tasks, task_id, caller);
    const scan = await askOf(services, task, caller, signal)('scan');
    const same = await tasks
      .list({ status: 'completed', targets: task.payload.targets })
      .catch((error: unknown): Task[] => {
        // an imported report can name hosts that are not among the targets
        if (isNmcpError(error, 'invalid_input')) return [];
        throw error;
      });
    const earlier = same.filter(
      (other) =>
        other.task_id !== task.task_id && maySee(caller, other) && other.created_at <= task.created_at,
    );
    return { ...scan, summary: shownSummary(scan.summary, services), earlier: earlier.slice(0, MAX_EARLIER) };
  },
);

/** Names of the hosts of a completed scan. @throws {NmcpError} `not_found`, `not_ready` */
export const listHosts: Operation<{ task_id: string }, readonly string[]> = operation(
  { name: 'list_hosts', ...READING },
  async (services, caller, { task_id }, signal) =>
    await askOf(services, await requireResults(services.tasks, task_id, caller), caller, signal)('hostNames'),
);

export type { FindingsPage };
