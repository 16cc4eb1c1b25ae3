import type { TaskRow } from '@nmcp/database/state';
import type { AddressRange, Target, Task, TaskId } from '@nmcp/types';
import { listedTask, wordsOf } from '../listed_task.ts';
import { formatTask, parseTask } from '../parse_task.ts';

/** IPv6 addresses begin after those of IPv4. */
const AFTER_IPV4 = 1n << 32n;

/** A task as it stands in the database. */
export function rowOf(task: Task): TaskRow {
  const listed = listedTask(task);
  const { targets } = listed.targets;
  return {
    task_id: listed.task_id,
    version: listed.version,
    fence: task.lease_fence ?? 0,
    status: listed.status,
    pool: listed.pool,
    instance: listed.instance,
    scan_number: listed.scanNumber,
    owner: listed.owner ?? null,
    words: wordsOf(listed),
    created_at: listed.created_at,
    made: listed.made,
    ran: listed.ran,
    began: listed.began,
    ended: listed.ended ?? null,
    series: listed.series ?? null,
    has_report: listed.hasReport,
    is_pending: listed.isPending,
    has_scope: listed.hasScope,
    is_attached: listed.isAttached,
    is_doubtful: listed.mayHaveSecondScan,
    addresses: rangesOf(targets),
    names: namesOf(targets),
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
