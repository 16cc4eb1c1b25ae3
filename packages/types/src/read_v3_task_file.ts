type Fields = Record<string, unknown>;

/** Where a task.json has what v3.0 does not know: in the payload, of which v3.0 takes any. */
export const OURS = 'nmcp';

/**
 * What a task.json says, in the words of a `Task`: one of v3.0, which may lack `completed_at` and most of its
 * payload, one of `toTaskFile`, and one with all fields beside each other.
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
