import * as v from 'valibot';
import { type PoolName, PoolNameSchema } from './pool_name.ts';
import { type ScanType, ScanTypeSchema } from './scan_request.ts';
import { type TaskId, TaskIdSchema } from './task_id.ts';

/** One entry of a queue. The field names are v3.0's. */
export interface QueueEntry {
  task_id: TaskId;
  trace_id: string;
  scan_type: ScanType;
  scanner_pool: PoolName;
  /** The scanner that the caller requested; absent or null: any of the pool. */
  scanner_instance_id?: string | null | undefined;
  payload: Record<string, unknown>;
  /** The trace of the call that submitted it; W3C Trace Context. Absent without tracing. */
  traceparent?: string | undefined;
}

/** Schema of a {@linkcode QueueEntry}; fields that it does not know are kept. */
export const QueueEntrySchema: v.GenericSchema<unknown, QueueEntry> = v.looseObject({
  task_id: TaskIdSchema,
  trace_id: v.string(),
  scan_type: ScanTypeSchema,
  scanner_pool: PoolNameSchema,
  scanner_instance_id: v.nullish(v.string()),
  payload: v.record(v.string(), v.unknown()),
  traceparent: v.optional(v.string()),
});
