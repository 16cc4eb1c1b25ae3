import { explainIssues, type QueueEntry, QueueEntrySchema } from '@nmcp/types';
import * as v from 'valibot';

/** An entry of a queue, or why it is none. */
export type ParsedEntry = { readonly entry: QueueEntry } | { readonly problem: string };

/**
 * Reads an entry as it stands in a queue; v3.0 left out `scanner_pool` where the queue's name says it.
 *
 * @param taskId the id under which the entry was claimed
 */
export function parseEntry(raw: string, pool: string, taskId?: string): ParsedEntry {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    return { problem: 'The entry is not JSON' };
  }
  const result = v.safeParse(QueueEntrySchema, withPool(value, pool));
  if (!result.success) return { problem: `The entry is not a task: ${explainIssues(result.issues)}` };
  if (taskId !== undefined && result.output.task_id !== taskId)
    return { problem: 'The entry is not a task: it names two task ids' };
  return { entry: result.output };
}

function withPool(value: unknown, pool: string): unknown {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord && !('scanner_pool' in value) ? { ...value, scanner_pool: pool } : value;
}
