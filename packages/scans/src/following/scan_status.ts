import { cleanText } from '@nmcp/schema';
import {
  foldTargets,
  isFinal,
  parseTime,
  type ScanStatusOutput,
  type Task,
  type TaskListing,
  type TaskWaiting,
  type Troubleshooting,
} from '@nmcp/types';

/** Characters of what a scanner has answered. */
const MAX_SAID = 400;
/** Characters of targets that are not spelled out. */
const TARGETS_LENGTH = 200;
/** The same in a list. */
const LINE_LENGTH = 48;
const NAME_LENGTH = 100;

/** How a task is shown. */
export interface ShownTask {
  /** @default Date.now() */
  now?: number;
  /** Targets are spelled out, however long. @default false */
  fullTargets?: boolean | undefined;
}

/** A task as get_scan_status answers it. What a scanner has answered is cleaned. */
export function scanStatus(
  task: Task,
  { now = Date.now(), fullTargets = false }: ShownTask = {},
): ScanStatusOutput {
  return {
    ...taskListing(task, { fullTargets }),
    ...progressOf(task),
    authentication_status: task.authentication_status,
    validation_warnings: task.validation_warnings,
    results_summary: task.validation_stats,
    error_message: task.error_message === null ? null : cleanText(task.error_message),
    ...(task.waiting && !isFinal(task.status) ? { waiting: waitingText(task.waiting, now) } : {}),
    ...(task.partial ? { partial: true } : {}),
    ...(task.approval ? { approval: task.approval } : {}),
    ...(task.failure_reason === undefined ? {} : { failure_reason: task.failure_reason }),
    ...(task.authentication_status === 'failed' ? { troubleshooting: troubleshoot(task) } : {}),
  };
}

/** A task as list_tasks answers it. */
export function taskListing(task: Task, { fullTargets = false }: ShownTask = {}): TaskListing {
  const { policy_name, scan_start, scan_end } = task.ran ?? {};
  const credentialed = task.authentication_status;
  return {
    task_id: task.task_id,
    trace_id: task.trace_id,
    status: task.status,
    scan_type: task.scan_type,
    scanner_type: task.scanner_type,
    scanner_pool: task.scanner_pool,
    scanner_instance: task.scanner_instance_id,
    ...shownTargets(task.payload.targets, fullTargets),
    name: task.payload.name,
    nessus_scan_id: task.nessus_scan_id,
    created_at: task.created_at,
    started_at: task.started_at,
    completed_at: task.completed_at,
    ...(scan_start === undefined ? {} : { scan_start }),
    ...(scan_end === undefined ? {} : { scan_end }),
    ...(policy_name === undefined ? {} : { policy_name: cleanText(policy_name, NAME_LENGTH) }),
    ...(credentialed === null ? {} : { credentialed }),
  };
}

/**
 * A task in a list, in few words: what tells it from others, without what is null, when it was made known where the scan says when
 * it ran, and with its targets in a line.
 */
export function briefListing(task: Task, { fullTargets = false }: ShownTask = {}): Partial<TaskListing> {
  const {
    trace_id: _,
    scanner_type: __,
    started_at,
    completed_at,
    scan_end: ___,
    ...listing
  } = taskListing(task);
  const ended = completed_at === null ? { started_at } : { completed_at };
  const times = listing.scan_start === undefined ? ended : {};
  const { targets } = task.payload;
  const told = {
    ...listing,
    ...(fullTargets ? { targets, target_count: null } : shownTargets(targets, false, LINE_LENGTH)),
    ...times,
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null));
}

/** Short targets as they were given, long ones folded, with how many there are. */
function shownTargets(
  targets: string,
  full: boolean,
  most: number = TARGETS_LENGTH,
): Pick<TaskListing, 'targets' | 'target_count'> {
  if (full || targets.length <= most) return { targets };
  const { text, count } = foldTargets(targets, most);
  return { targets: text, target_count: count };
}

/** Such as `The scanner cannot answer now (GET /scans answered 502); so for 4 minutes`. */
function waitingText({ since, said }: TaskWaiting, now: number): string {
  const minutes = Math.floor((now - parseTime(since)) / 60_000);
  const duration = minutes < 1 ? 'less than a minute' : minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return `${cleanText(said, MAX_SAID)}; so for ${duration}`;
}

function progressOf(task: Task): { progress?: number } {
  if (task.status === 'running') return { progress: task.progress ?? 0 };
  return task.status === 'completed' ? { progress: 100 } : {};
}

function troubleshoot(task: Task): Troubleshooting {
  const privileged = task.scan_type === 'authenticated_privileged';
  return {
    likely_cause: 'The scanner could not log in to any host with the given credentials',
    next_steps: [
      'Check the user name and the password by logging in to one of the hosts with SSH',
      'Check that the hosts accept password logins over SSH on port 22 from the scanner',
      ...(privileged ? ['Check the escalation method, its account and its password'] : []),
    ],
  };
}
