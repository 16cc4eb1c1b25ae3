import type { TaskQueue } from '@nmcp/queue';
import type { ScannerRegistry } from '@nmcp/registry';
import type { TaskStore } from '@nmcp/tasks';
import type { Clock, TaskId } from '@nmcp/types';

/** What is removed when; times in milliseconds. */
export interface HousekeepingRules {
  /** After its end, a completed task is kept for so long. */
  completedTtlMs: number;
  /** One that failed or timed out. */
  failedTtlMs: number;
  /** A task that no worker holds is ended so long after its start, or its submission if it waits; absent: never. */
  staleMs?: number | undefined;
  /** Its scan is deleted on the scanner too, not only stopped. */
  deleteStale: boolean;
  /** Scans of ours are deleted on their scanner so long after the end of their task; absent: never. */
  scanRetentionMs?: number | undefined;
}

/** Options of `runHousekeeping`. */
export interface HousekeepingOptions {
  tasks: TaskStore;
  queue: TaskQueue;
  registry: ScannerRegistry;
  clock: Clock;
  rules: HousekeepingRules;
  /** Tasks that wait are left alone, however old: the workers have only begun. @default false */
  sparesWaiting?: boolean | undefined;
  /** Only say what would be done. @default false */
  dryRun?: boolean | undefined;
  /** Ends it between two removals. */
  signal?: AbortSignal | undefined;
}

/** A scan on a scanner. */
export interface RemovedScan {
  /** `pool:instance` */
  scanner: string;
  nessus_scan_id: number;
  task_id: TaskId;
}

/** A policy on a scanner. */
export interface RemovedPolicy {
  /** `pool:instance` */
  scanner: string;
  policy_id: number;
  task_id: TaskId;
}

/** What was removed, or would be in a dry run. */
export interface HousekeepingReport {
  /** Scans that were deleted on their scanners. */
  scans: RemovedScan[];
  /** Policies that were made for one scan. */
  policies: RemovedPolicy[];
  /** Tasks that nobody held: running ones have timed out, waiting ones failed. */
  stale: TaskId[];
  /** Tasks that were removed with their results. */
  expired: TaskId[];
  /** What could not be done, and will be tried again. */
  problems: string[];
}

/** What the steps work with. */
export interface HousekeepingRun extends HousekeepingOptions {
  report: HousekeepingReport;
}
