import { NmcpError, type PoolName, parseTaskId } from '@nmcp/types';
import * as v from 'valibot';
import { type ParsedEntry, parseEntry } from '../parse_entry.ts';
import type { EnqueueOutcome, FailedAttempt, Idempotency } from '../task_queue.ts';
import type { Reply } from './link.ts';

/** A task that was taken, and what its entry says. */
export interface TakenTask {
  taskId: string;
  raw: string;
  parsed: ParsedEntry;
  fence: string;
  attempts: readonly FailedAttempt[];
}

/** Whether a reply is a list. */
export function isList(reply: Reply | undefined): reply is readonly Reply[] {
  return Array.isArray(reply);
}

/** Reads what work.lua answers of the tasks that it took: all that follows the claims that ended. */
export function readTaken(pool: PoolName, [fence, ids, attempts, ...entries]: readonly Reply[]): TakenTask[] {
  const taskIds = String(ids).split('\n');
  return entries.map((entry, i): TakenTask => {
    const [raw, taskId = ''] = [String(entry), taskIds[i]];
    const earlier = isList(attempts) ? attempts[i] : undefined;
    return {
      taskId,
      raw,
      parsed: parseEntry(raw, pool, taskId),
      fence: String(fence),
      attempts: earlier ? parseAttempts(String(earlier)) : [],
    };
  });
}

const AttemptsRecord = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.object({ consumer: v.string(), fence: v.number(), ended_at: v.string(), error: v.string() })),
);

/** The record of earlier attempts; what is none counts as no attempt. */
function parseAttempts(text: string): FailedAttempt[] {
  const record = v.safeParse(AttemptsRecord, text);
  return record.success ? record.output : [];
}

const IdempotencyRecord = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ task_id: v.string(), request_hash: v.string() }),
);

/**
 * Whether the first use of an idempotency key was for the same request.
 *
 * @param text the record of the first use
 * @throws {NmcpError} `internal` when it is none
 */
export function compareRequests(
  text: string,
  { key, requestHash }: Idempotency,
): Exclude<EnqueueOutcome, { kind: 'enqueued' }> {
  const record = v.safeParse(IdempotencyRecord, text);
  if (!record.success) throw new NmcpError('internal', `The record of the idempotency key ${key} is damaged`);
  const taskId = parseTaskId(record.output.task_id);
  return { kind: record.output.request_hash === requestHash ? 'duplicate' : 'conflict', taskId };
}
