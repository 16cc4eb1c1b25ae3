import type { Drains } from '../task_queue.ts';
import type { EmbeddedDatabase } from './database.ts';

/** Scanners out of service as rows. */
export function createEmbeddedDrains(db: EmbeddedDatabase): Drains {
  return {
    set: async (scanner, drained) =>
      (await db.change(
        drained ? 'INSERT OR IGNORE INTO drained VALUES (?)' : 'DELETE FROM drained WHERE scanner = ?',
        scanner,
      )) === 1,
    list: async () => new Set(db.all('SELECT scanner FROM drained').map((row) => String(row.scanner))),
  };
}
