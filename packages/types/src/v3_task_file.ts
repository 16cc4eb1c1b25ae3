import { OURS } from './read_v3_task_file.ts';
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
