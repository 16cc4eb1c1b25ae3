import {
  isFinal,
  parseTargets,
  type ScanState,
  type Target,
  type Task,
  type TaskId,
  targetsOverlap,
} from '@nmcp/types';
import { versionOf } from './next_version.ts';
import { beginsAt, ranAt, seriesOf, timeOf } from './scan_series.ts';

/** What lists look at of a task. Times are milliseconds since 1970. */
export interface ListedTask {
  task_id: TaskId;
  version: number;
  status: ScanState;
  pool: string;
  instance: string | null;
  scanNumber: number | null;
  owner: string | undefined;
  /** In lower case. */
  name: string;
  targets: TargetList;
  created_at: string;
  made: number;
  ran: number;
  began: number;
  /** `undefined` for one that goes on. */
  ended: number | undefined;
  /** The series of scans that it can be compared with. */
  series: string | undefined;
  hasReport: boolean;
  isPending: boolean;
  hasScope: boolean;
  isAttached: boolean;
  mayHaveSecondScan: boolean;
}

/** Targets as they are written in a task, read when somebody asks for them. */
export class TargetList {
  readonly text: string;
  #targets: readonly Target[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** Those that v3.0 took and that are none of ours match nothing. */
  get targets(): readonly Target[] {
    this.#targets ??= parseOrNone(this.text);
    return this.#targets;
  }

  /** Whether they share an address or a name with others. */
  overlaps(others: readonly Target[]): boolean {
    return targetsOverlap(this.targets, others);
  }
}

/** What lists look at of this task. */
export function listedTask(task: Task): ListedTask {
  const { payload, status } = task;
  return {
    task_id: task.task_id,
    version: versionOf(task),
    status,
    pool: task.scanner_pool,
    instance: task.scanner_instance_id,
    scanNumber: task.nessus_scan_id,
    owner: task.owner,
    name: payload.name.toLowerCase(),
    targets: new TargetList(payload.targets),
    created_at: task.created_at,
    made: timeOf(task.created_at),
    ran: timeOf(ranAt(task)),
    began: beginsAt(task),
    ended: isFinal(status) ? timeOf(task.completed_at ?? task.created_at) : undefined,
    series: seriesOf(task),
    hasReport: hasReport(task),
    isPending: isPending(task),
    hasScope: payload.scope !== undefined,
    isAttached: task.attached === true,
    mayHaveSecondScan: mayHaveSecondScan(task),
  };
}

/** Whether a task has results that the inventory takes in; those of a scan that ended early say less. */
export function hasReport({ status, partial }: Pick<Task, 'status' | 'partial'>): boolean {
  return status === 'completed' || partial === true;
}

/** Whether a task waits for somebody who approves it. */
export function isPending({ status, approval }: Pick<Task, 'status' | 'approval'>): boolean {
  return status === 'queued' && approval?.state === 'pending';
}

/**
 * Whether a scanner may have a second scan of a task, of a call that was not answered; one that is under way looks after its
 * scans itself.
 */
export function mayHaveSecondScan({ status, attached, unanswered_create, intent }: Task): boolean {
  return isFinal(status) && !attached && (unanswered_create === true || intent?.phase === 'creating');
}

/** What the text of a filter is looked for in. */
export function wordsOf({ name, task_id }: Pick<ListedTask, 'name' | 'task_id'>): string {
  return `${name} ${task_id.toLowerCase()}`;
}

function parseOrNone(text: string): Target[] {
  try {
    return parseTargets(text, { maxLength: Number.POSITIVE_INFINITY });
  } catch {
    return [];
  }
}
