import { type Clock, parseTaskId, type TaskId } from '@nmcp/types';
import { type EnqueueOutcome, IDEMPOTENCY_TTL_SECONDS, type Idempotency } from '../task_queue.ts';
import type { EmbeddedDatabase } from './database.ts';

/** What a key that was used before leads to. */
type EarlierUse = Exclude<EnqueueOutcome, { kind: 'enqueued' }>;

/** Which task an idempotency key made. */
export interface IdempotencyKeys {
  findKey(idempotency: Idempotency): EarlierUse | undefined;
  /** The first use of a key; this one when there was none. */
  rememberKey(idempotency: Idempotency, taskId: TaskId): EarlierUse | undefined;
}

/** The idempotency keys of the embedded store; whoever remembers one is in a transaction. */
export function createEmbeddedKeys(db: EmbeddedDatabase, clock: Clock): IdempotencyKeys {
  function findKey({ key, requestHash }: Idempotency): EarlierUse | undefined {
    const row = db.get(
      'SELECT task_id, request_hash FROM idempotency WHERE key = ? AND expires_at > ?',
      key,
      clock(),
    );
    if (!row) return undefined;
    return {
      kind: row.request_hash === requestHash ? 'duplicate' : 'conflict',
      taskId: parseTaskId(row.task_id),
    };
  }

  function rememberKey(idempotency: Idempotency, taskId: TaskId): EarlierUse | undefined {
    const known = findKey(idempotency);
    if (known) return known;
    const { key, requestHash } = idempotency;
    const expiresAt = clock() + IDEMPOTENCY_TTL_SECONDS * 1000;
    db.run('INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?)', key, taskId, requestHash, expiresAt);
    return undefined;
  }

  return { findKey, rememberKey };
}
