import { maySee } from '@nmcp/access';
import { type FixFirst, mostUrgent } from '@nmcp/results';
import { cleanText } from '@nmcp/schema';
import { parseTime, type SeverityBreakdown, type Task, type TaskId } from '@nmcp/types';
import { ranAt } from '../following/list_scans.ts';
import { type Operation, operation } from '../operation.ts';
import type { Services } from '../services.ts';
import { askOf } from './ask_of.ts';
import { READING } from './get_scan_results.ts';

/** The latest scan of some targets, and the one before it. */
export interface ScanPair {
  latest: Task;
  /** Of the same targets, in the same pool, with or without credentials like the latest. */
  before?: Task | undefined;
}

/** A step that removes findings, and the scans that it is of. */
export interface FixToDo extends FixFirst {
  /** Scans in which it is, the one with the most hosts first. */
  scans: readonly Task[];
}

/** Are we better or worse, and what must be done first. */
export interface Posture {
  /** Findings in the latest scans of all targets. */
  open: SeverityBreakdown;
  /** By how much that differs from the scans before them, of those that have one. */
  change: SeverityBreakdown;
  /** Latest scans, by when they ran, newest first. */
  pairs: readonly ScanPair[];
  /** Scans among them that have one before. */
  compared: number;
  /** What to fix first. */
  fixes: readonly FixToDo[];
}

/** How many steps are told. */
export interface PostureInput {
  /** @default 5 */
  fixes?: number | undefined;
}

/** Latest scans whose findings are looked into for what to fix first; counts are of all. */
const LOOKED_INTO = 8;
const FIX_LENGTH = 200;

/** For each completed scan the one before it that can be compared with it, by their ids. */
export function earlierOf(completed: readonly Task[]): ReadonlyMap<TaskId, TaskId> {
  const earlier = new Map<TaskId, TaskId>();
  const last = new Map<string, TaskId>();
  for (const task of newestFirst(completed)) {
    const key = seriesOf(task);
    const later = last.get(key);
    if (later !== undefined) earlier.set(later, task.task_id);
    last.set(key, task.task_id);
  }
  return earlier;
}

/** What the caller's latest scans have found, what has changed, and what to do first. */
export const getPosture: Operation<PostureInput, Posture> = operation(
  { name: 'get_posture', ...READING },
  async (services, caller, { fixes: most = 5 }, signal) => {
    const completed = await services.tasks.list({ status: 'completed' });
    const pairs = pairsOf(completed.filter((task) => maySee(caller, task)));
    const compared = pairs.filter(({ before }) => before !== undefined);
    const fixes = await Promise.all(
      pairs
        .slice(0, LOOKED_INTO)
        .map(async ({ latest }) => ({ latest, found: await fixesOf(services, latest, caller, signal) })),
    );
    return {
      open: sumOf(pairs.map(({ latest }) => countsOf(latest))),
      change: minus(
        sumOf(compared.map(({ latest }) => countsOf(latest))),
        sumOf(compared.map(({ before }) => countsOf(before))),
      ),
      pairs,
      compared: compared.length,
      fixes: merged(fixes).slice(0, most),
    };
  },
);

/** What to do first in one scan; nothing where its results are no longer there. */
async function fixesOf(
  services: Services,
  task: Task,
  caller: Parameters<typeof askOf>[2],
  signal: AbortSignal,
): Promise<readonly FixFirst[]> {
  return await askOf(
    services,
    task,
    caller,
    signal,
  )('fixes').catch((error: unknown) => {
    if (signal.aborted) throw error;
    return [];
  });
}

/** Scans of the same targets, the latest two of each. */
export function pairsOf(completed: readonly Task[]): ScanPair[] {
  const pairs = new Map<string, { latest: Task; before?: Task }>();
  for (const task of newestFirst(completed)) {
    const key = seriesOf(task);
    const pair = pairs.get(key);
    if (!pair) pairs.set(key, { latest: task });
    else pair.before ??= task;
  }
  return [...pairs.values()];
}

/** By our clock where we started it: a report tells when its first host was begun, by the scanner's. */
function begunAt(task: Task): string {
  const isOurs = task.nessus_scan_id !== null && !task.attached;
  return isOurs ? (task.started_at ?? ranAt(task)) : ranAt(task);
}

function newestFirst(completed: readonly Task[]): Task[] {
  return (
    completed
      .filter(({ validation_stats }) => validation_stats !== null)
      .map((task) => ({ task, at: parseTime(begunAt(task)) }))
      // reports tell whole seconds
      .sort((a, b) => b.at - a.at || b.task.created_at.localeCompare(a.task.created_at))
      .map(({ task }) => task)
  );
}

/** Scans that can be compared: of the same targets in the same pool, with or without credentials. */
function seriesOf({ payload, scanner_pool, scan_type }: Task): string {
  const targets = payload.targets
    .split(/[\s,]+/)
    .filter(Boolean)
    .sort();
  return JSON.stringify([scanner_pool, scan_type === 'untrusted', targets]);
}

function merged(found: readonly { latest: Task; found: readonly FixFirst[] }[]): FixToDo[] {
  const fixes = new Map<string, FixToDo & { byHosts: { task: Task; hosts: number }[] }>();
  for (const { latest: task, found: some } of found)
    for (const fix of some) {
      const known = fixes.get(fix.value);
      const byHosts = [...(known?.byHosts ?? []), { task, hosts: fix.hosts }];
      fixes.set(fix.value, {
        ...fix,
        value: cleanText(fix.value, FIX_LENGTH),
        ...(known ? sumOfFixes(known, fix) : {}),
        byHosts,
        scans: byHosts.toSorted((a, b) => b.hosts - a.hosts).map((each) => each.task),
      });
    }
  return [...fixes.values()].sort(mostUrgent).map(({ byHosts: _, ...fix }) => fix);
}

function sumOfFixes(a: FixFirst, b: FixFirst): Partial<FixFirst> {
  const worst = a.max_severity >= b.max_severity ? a : b;
  return {
    findings: a.findings + b.findings,
    hosts: a.hosts + b.hosts,
    exploited: a.exploited + b.exploited,
    exploitable: a.exploitable + b.exploitable,
    max_severity: worst.max_severity,
    max_severity_name: worst.max_severity_name,
  };
}

function countsOf(task: Task | undefined): SeverityBreakdown {
  return task?.validation_stats?.severity_breakdown ?? of(() => 0);
}

function sumOf(counts: readonly SeverityBreakdown[]): SeverityBreakdown {
  return of((name) => counts.reduce((sum, each) => sum + (each[name] ?? 0), 0)); // v3.0's tasks can lack one
}

function minus(a: SeverityBreakdown, b: SeverityBreakdown): SeverityBreakdown {
  return of((name) => a[name] - b[name]);
}

function of(count: (name: keyof SeverityBreakdown) => number): SeverityBreakdown {
  return {
    critical: count('critical'),
    high: count('high'),
    medium: count('medium'),
    low: count('low'),
    info: count('info'),
  };
}
