import type { Task } from './task.ts';

/** The keys of a task.json of v3.0, whose reader refuses a file with another. */
export const V3_TASK_KEYS = [
  'task_id',
  'trace_id',
  'scan_type',
  'scanner_type',
  'scanner_instance_id',
  'scanner_pool',
  'status',
  'payload',
  'created_at',
  'started_at',
  'completed_at',
  'nessus_scan_id',
  'error_message',
  'validation_stats',
  'validation_warnings',
  'authentication_status',
] as const;

type Fields = Record<string, unknown>;

/** Where a task.json has what v3.0 does not know: in the payload, of which v3.0 takes any. */
const OURS = 'nmcp';

/**
 * A task as task.json has it: v3.0's sixteen keys, with everything else in `payload.nmcp`, and the counts in v3.0's words.
 *
 * @param more further fields of ours, such as the format
 */
export function toTaskFile(task: Task, more: Fields = {}): Fields {
  const fields: Fields = { ...task, ...more };
  const v3 = Object.fromEntries(V3_TASK_KEYS.map((key) => [key, fields[key] ?? null]));
  const ours = Object.fromEntries(Object.entries(fields).filter(([key]) => !(key in v3)));
  return { ...v3, payload: { ...task.payload, [OURS]: ours }, validation_stats: toV3Stats(task) };
}

function toV3Stats({ validation_stats: stats }: Task): Fields | null {
  if (stats === null) return null;
  const { severity_breakdown: severity_counts, file_size_kb, ...others } = stats;
  return { ...others, severity_counts, file_size_bytes: Math.round(file_size_kb * 1024) };
}

/**
 * What a task.json says, in the words of a {@linkcode Task}: one of v3.0, which may lack `completed_at` and most of its
 * payload, one of {@linkcode toTaskFile}, and one with all fields beside each other.
 */
export function fromTaskFile(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { payload, ...fields } = value;
  if (!isRecord(payload)) return value;
  const { [OURS]: ours, ...request } = payload;
  const task: Fields = { ...fields, ...(isRecord(ours) ? ours : {}), payload: request };
  const { status, completed_at, started_at, created_at, nessus_scan_id, validation_stats } = task;
  const isEnded = status === 'completed' || status === 'failed' || status === 'timeout';
  return {
    ...task,
    ...(isEnded ? { completed_at: completed_at ?? started_at ?? created_at } : {}),
    ...(status === 'running' ? { started_at: started_at ?? created_at } : {}),
    ...(typeof nessus_scan_id === 'string' && /^\d+$/.test(nessus_scan_id)
      ? { nessus_scan_id: Number(nessus_scan_id) }
      : {}),
    ...(isRecord(validation_stats) ? { validation_stats: fromV3Stats(validation_stats) } : {}),
  };
}

function fromV3Stats({ severity_counts, file_size_bytes, ...stats }: Fields): Fields {
  return {
    ...(isRecord(severity_counts) ? { severity_breakdown: severity_counts } : {}),
    ...(typeof file_size_bytes === 'number'
      ? { file_size_kb: Math.round(file_size_bytes / 102.4) / 10 }
      : {}),
    ...stats,
  };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
