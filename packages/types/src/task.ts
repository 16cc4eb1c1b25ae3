import * as v from 'valibot';
import { DEFAULT_POOL, type PoolName, PoolNameSchema } from './pool_name.ts';
import { SCHEMA_PROFILES, type SchemaProfile } from './profile.ts';
import { fromTaskFile } from './read_v3_task_file.ts';
import {
  type ScanScope,
  ScanScopeSchema,
  type ScanType,
  ScanTypeSchema,
  type StoredCredentials,
  StoredCredentialsSchema,
} from './scan_request.ts';
import { type ScanRunFacts, ScanRunFactsSchema } from './scan_run_facts.ts';
import { type TaskId, TaskIdSchema } from './task_id.ts';

/** Whether the scanner could log in to the hosts; `unknown` in tasks of v3.0 whose validation failed. */
export type AuthenticationStatus = 'success' | 'partial' | 'failed' | 'not_applicable' | 'unknown';

/** Number of findings of each severity. */
export interface SeverityBreakdown {
  critical: number;
  high: number;
  medium: number;
  low: number;
  info: number;
}

/** What the validator counted in a finished scan's results. */
export interface ValidationStats {
  hosts_scanned: number;
  /** Findings with a severity above 0. */
  total_vulnerabilities: number;
  severity_breakdown: SeverityBreakdown;
  file_size_kb: number;
  /** Findings of plugins that say that a login worked. */
  auth_plugins_found: number;
}

/** The request of the caller. */
export interface TaskPayload {
  targets: string;
  name: string;
  description: string;
  schema_profile: SchemaProfile;
  /** It runs some plugins only. */
  scope?: ScanScope | undefined;
  /** Removed when the task reaches its final state. */
  credentials?: StoredCredentials | undefined;
}

/** An approval that the policy requires. A task that waits for it has the status queued, but is in no queue. */
export interface Approval {
  state: 'pending' | 'approved' | 'refused' | 'expired';
  /** Why it is required. */
  reason: string;
  expires_at: string;
  /** Who decided. */
  by?: string | undefined;
}

/** What every task has, whatever its state. */
interface TaskBase {
  task_id: TaskId;
  trace_id: string;
  scan_type: ScanType;
  scanner_type: string;
  /** The scanner that the caller requested or that the worker chose; null until then. */
  scanner_instance_id: string | null;
  scanner_pool: PoolName;
  payload: TaskPayload;
  /** ISO 8601 in UTC, like every time here. */
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  nessus_scan_id: number | null;
  error_message: string | null;
  validation_stats: ValidationStats | null;
  validation_warnings: string[] | null;
  authentication_status: AuthenticationStatus | null;
  /** What its results say of when it ran, and with which policy. */
  ran?: ScanRunFacts | undefined;
  /** Why it failed, in a machine-readable word, such as `canceled`. */
  failure_reason?: string | undefined;
  /** Percent done while running, as last seen. */
  progress?: number | undefined;
  /** What it waits for, as long as it does. */
  waiting?: TaskWaiting | undefined;
  /** The run of the scan that is followed, as its scanner numbers it; absent until it is known. */
  nessus_history_id?: number | undefined;
  /** It ended without being done, and what was found until then is stored. */
  partial?: true | undefined;
  /** Counts the changes of the task; absent for what was written before there were versions. */
  version?: number | undefined;
  /** The fencing number of the last worker that wrote. */
  lease_fence?: number | undefined;
  /** Host and port of the scanner that it runs on, whatever its entry in scanners.yaml is called by now. */
  scanner_address?: string | undefined;
  /** How many workers have started it. */
  attempts?: number | undefined;
  /** Name of the caller that it belongs to; absent for tasks of v3.0. */
  owner?: string | undefined;
  /** Present when the policy requires approval. */
  approval?: Approval | undefined;
  /** What a worker was about to do on the scanner, written down before it did. */
  intent?: ScannerIntent | undefined;
  /** A call to create its scan got no answer and was made again, or not looked after: the scanner may have a second one. */
  unanswered_create?: true | undefined;
  /** Attempts that count no more, since the task got further after them. */
  attempts_forgiven?: number | undefined;
  /** Somebody has asked for it to be stopped: no scan is created or launched for it any more. */
  cancel?: CancelRequest | undefined;
  /** Its scan was started by somebody else: it is followed and read, and never created, launched or stopped. */
  attached?: true | undefined;
  /** Its results were imported from a file: nothing was scanned here. */
  imported?: true | undefined;
  /** Networks and names that its named credentials may be used on. */
  credential_targets?: readonly string[] | undefined;
  /** Hash of the request that made it, where that had an idempotency key. */
  request_hash?: string | undefined;
  /** The trace of the call that asked for it; W3C Trace Context. Absent without tracing. */
  traceparent?: string | undefined;
  /** The dead-lettered task that this one retries. */
  retry_of?: TaskId | undefined;
}

/** A task that waits in its pool's queue. */
export interface QueuedTask extends TaskBase {
  status: 'queued';
}

/** A task that a worker has started. */
export interface RunningTask extends TaskBase {
  status: 'running';
  started_at: string;
}

/** A task with results. */
export interface CompletedTask extends TaskBase {
  status: 'completed';
  completed_at: string;
}

/** A task without results. */
export interface FailedTask extends TaskBase {
  status: 'failed' | 'timeout';
  completed_at: string;
  error_message: string;
}

/** Something that happens once on a scanner, and of which nobody knows whether it has until the scanner was asked. */
export interface ScannerIntent {
  phase: 'creating' | 'launching';
  /** The fencing number of whoever was about to. */
  fence: number;
  /** ISO 8601. */
  at: string;
}

/** What a task waits for. */
export interface TaskWaiting {
  /** ISO 8601. */
  since: string;
  /** What the scanner answered, or what is missing. */
  said: string;
}

/** That somebody wants a task to be stopped. */
export interface CancelRequest {
  /** ISO 8601. */
  at: string;
  /** Name of the caller. */
  by: string;
}

/** One scan from submission to its final state; the content of task.json. */
export type Task = QueuedTask | RunningTask | CompletedTask | FailedTask;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const ValidationStatsSchema = v.looseObject({
  hosts_scanned: v.optional(count, 0),
  total_vulnerabilities: v.optional(count, 0),
  severity_breakdown: v.optional(
    v.object({
      critical: v.optional(count, 0),
      high: v.optional(count, 0),
      medium: v.optional(count, 0),
      low: v.optional(count, 0),
      info: v.optional(count, 0),
    }),
    {},
  ),
  file_size_kb: v.optional(v.number(), 0),
  auth_plugins_found: v.optional(
    v.union([
      count,
      v.pipe(
        v.array(v.unknown()),
        v.transform((list) => list.length),
      ),
    ]),
    0,
  ),
});

const PayloadSchema = v.looseObject({
  targets: v.optional(v.string(), ''),
  name: v.optional(v.string(), ''),
  description: v.optional(v.nullish(v.string(), ''), ''),
  schema_profile: v.optional(v.fallback(v.picklist(SCHEMA_PROFILES), 'brief'), 'brief'),
  scope: v.optional(ScanScopeSchema),
  credentials: v.optional(
    v.pipe(
      v.nullable(StoredCredentialsSchema),
      v.transform((credentials) => credentials ?? undefined),
    ),
  ),
});

const text = v.optional(v.nullable(v.string()), null);

const entries = {
  task_id: TaskIdSchema,
  trace_id: v.optional(v.string(), ''),
  scan_type: ScanTypeSchema,
  scanner_type: v.optional(v.string(), 'nessus'),
  scanner_instance_id: text,
  scanner_pool: v.optional(
    v.pipe(
      v.nullable(PoolNameSchema),
      v.transform((pool) => pool ?? DEFAULT_POOL),
    ),
    DEFAULT_POOL,
  ),
  payload: PayloadSchema,
  created_at: v.string(),
  started_at: text,
  completed_at: text,
  nessus_scan_id: v.optional(v.nullable(v.number()), null),
  error_message: text,
  validation_stats: v.optional(v.nullable(ValidationStatsSchema), null),
  validation_warnings: v.optional(v.nullable(v.array(v.string())), null),
  authentication_status: v.optional(
    v.nullable(v.picklist(['success', 'partial', 'failed', 'not_applicable', 'unknown'])),
    null,
  ),
  ran: v.optional(ScanRunFactsSchema),
  failure_reason: v.optional(v.string()),
  progress: v.optional(v.number()),
  waiting: v.optional(v.object({ since: v.string(), said: v.string() })),
  nessus_history_id: v.optional(v.number()),
  partial: v.optional(v.literal(true)),
  version: v.optional(count),
  lease_fence: v.optional(v.number()),
  scanner_address: v.optional(v.string()),
  attempts: v.optional(count),
  owner: v.optional(v.string()),
  approval: v.optional(
    v.object({
      state: v.picklist(['pending', 'approved', 'refused', 'expired']),
      reason: v.string(),
      expires_at: v.string(),
      by: v.optional(v.string()),
    }),
  ),
  intent: v.optional(
    v.object({ phase: v.picklist(['creating', 'launching']), fence: v.number(), at: v.string() }),
  ),
  unanswered_create: v.optional(v.literal(true)),
  attempts_forgiven: v.optional(count),
  cancel: v.optional(v.object({ at: v.string(), by: v.string() })),
  attached: v.optional(v.literal(true)),
  imported: v.optional(v.literal(true)),
  credential_targets: v.optional(v.array(v.string())),
  request_hash: v.optional(v.string()),
  traceparent: v.optional(v.string()),
  retry_of: v.optional(TaskIdSchema),
};

/**
 * Schema of task.json. Reads what v3.0 wrote (fields that it left out get their defaults) and keeps fields that it does
 * not know.
 */
export const TaskSchema: v.GenericSchema<unknown, Task> = v.pipe(
  v.unknown(),
  v.transform(fromTaskFile),
  v.variant('status', [
    v.looseObject({ ...entries, status: v.literal('queued') }),
    v.looseObject({ ...entries, status: v.literal('running'), started_at: v.string() }),
    v.looseObject({ ...entries, status: v.literal('completed'), completed_at: v.string() }),
    v.looseObject({
      ...entries,
      status: v.picklist(['failed', 'timeout']),
      completed_at: v.string(),
      error_message: v.optional(v.nullish(v.string(), 'No reason was recorded'), 'No reason was recorded'),
    }),
  ]),
);
