import type { Clock } from '@nmcp/types';
import { parseEntry } from '../parse_entry.ts';
import type { QueueContents } from '../task_queue.ts';
import { countRows } from './count_rows.ts';
import type { EmbeddedDatabase } from './database.ts';

/** What waits in the queues of the embedded store, and what is claimed. */
export function createEmbeddedContents(db: EmbeddedDatabase, clock: Clock): QueueContents {
  return {
    depth: async (pool) => countRows(db, 'waiting', pool),
    inFlight: async (pool) => countRows(db, 'inflight', pool),
    peek: async (pool, limit) =>
      db
        .all('SELECT entry FROM waiting WHERE pool = ? ORDER BY position LIMIT ?', pool, limit)
        .flatMap((row) => {
          const parsed = parseEntry(String(row.entry), pool);
          return 'entry' in parsed ? [parsed.entry] : [];
        }),
    async holder(_pool, taskId) {
      const row = db.get(
        'SELECT consumer FROM inflight WHERE task_id = ? AND expires_at > ?',
        taskId,
        clock(),
      );
      return row && String(row.consumer);
    },
    has: async (_pool, taskId) =>
      db.get(
        'SELECT 1 AS found FROM inflight WHERE task_id = ? UNION ALL SELECT 1 FROM waiting WHERE task_id = ?',
        taskId,
        taskId,
      ) !== undefined,
    taskIds: async (pool) => {
      const rows = db.all(
        'SELECT task_id FROM waiting WHERE pool = ? UNION SELECT task_id FROM inflight WHERE pool = ?',
        pool,
        pool,
      );
      return new Set(rows.map((row) => String(row.task_id)));
    },
  };
}
