import type { TaskRow } from '@nmcp/database/state';
import type { AddressRange, Target, Task, TaskId } from '@nmcp/types';
import { versionOf } from '../next_version.ts';
import { formatTask, parseTask } from '../parse_task.ts';
import { beginsAt, ranAt, seriesOf, timeOf } from '../scan_series.ts';
import { endedAt, hasReport, isPending, mayHaveSecondScan, targetsOfTask, wordsOf } from '../task_filter.ts';

/** IPv6 addresses begin after those of IPv4. */
const AFTER_IPV4 = 1n << 32n;

/** A task as it stands in the database. */
export function rowOf(task: Task): TaskRow {
  return {
    task_id: task.task_id,
    version: versionOf(task),
    fence: task.lease_fence ?? 0,
    status: task.status,
    pool: task.scanner_pool,
    instance: task.scanner_instance_id,
    scan_number: task.nessus_scan_id,
    owner: task.owner ?? null,
    words: wordsOf(task),
    created_at: task.created_at,
    made: timeOf(task.created_at),
    ran: timeOf(ranAt(task)),
    began: beginsAt(task),
    ended: endedAt(task) ?? null,
    series: seriesOf(task) ?? null,
    has_report: hasReport(task),
    is_pending: isPending(task),
    has_scope: task.payload.scope !== undefined,
    is_attached: task.attached === true,
    is_doubtful: mayHaveSecondScan(task),
    addresses: rangesOf(targetsOfTask(task)),
    names: namesOf(targetsOfTask(task)),
    task: formatTask(task),
  };
}

/** The task of a row. @throws {NmcpError} `internal` when it is damaged, or of a later version */
export function taskOf({ task_id, task }: Pick<TaskRow, 'task_id' | 'task'>): Task {
  return parseTask(task_id as TaskId, task); // that it is its own is checked there
}

/** Addresses of targets, in PostgreSQL's form of ranges of numbers. */
export function rangesOf(targets: readonly Target[]): string {
  return `{${targets.flatMap(rangeOf).join(',')}}`;
}

/** Names of targets. */
export function namesOf(targets: readonly Target[]): string[] {
  return targets.flatMap((target) => (target.kind === 'host' ? [target.name] : []));
}

function rangeOf(target: Target): string[] {
  const range = target.kind === 'range' ? target : target.address;
  return range ? [`[${numberOf(range, range.first)},${numberOf(range, range.last)}]`] : [];
}

function numberOf({ family }: AddressRange, address: bigint): bigint {
  return family === 4 ? address : address + AFTER_IPV4;
}
