import type { Clock, PoolName } from '@nmcp/types';
import { readDeadLetter, writeDeadLetter } from '../dead_letter.ts';
import type { DeadLetters, FailedAttempt } from '../task_queue.ts';
import { countRows } from './count_rows.ts';
import type { EmbeddedDatabase } from './database.ts';

/** Dead letters, and the writing of one. */
export interface EmbeddedDeadLetters extends DeadLetters {
  bury(pool: PoolName, raw: string, error: string, attempts?: readonly FailedAttempt[]): void;
}

/** The dead letters of the embedded store. */
export function createEmbeddedDeadLetters(db: EmbeddedDatabase, clock: Clock): EmbeddedDeadLetters {
  function bury(pool: PoolName, raw: string, error: string, attempts: readonly FailedAttempt[] = []): void {
    const letter = writeDeadLetter(raw, error, clock(), pool, attempts);
    db.run(
      'INSERT INTO dead (pool, task_id, letter, failed_at) VALUES (?, ?, ?, ?)',
      pool,
      readDeadLetter(letter, pool).id,
      letter,
      clock(),
    );
  }

  return {
    bury,
    deadLetters: async (pool, limit) =>
      db
        .all('SELECT letter FROM dead WHERE pool = ? ORDER BY failed_at DESC, id DESC LIMIT ?', pool, limit)
        .map((row) => readDeadLetter(String(row.letter), pool)),
    deadLetterCount: async (pool) => countRows(db, 'dead', pool),
    removeDeadLetter: async (pool, id) =>
      (await db.change('DELETE FROM dead WHERE pool = ? AND task_id = ?', pool, id)) > 0,
    purgeDeadLetters: (pool) => db.change('DELETE FROM dead WHERE pool = ?', pool),
  };
}
