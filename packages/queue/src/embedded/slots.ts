import type { Clock } from '@nmcp/types';
import type { SlotLeases } from '../task_queue.ts';
import type { EmbeddedDatabase } from './database.ts';
import { latestLeaseEnd } from './latest_lease_end.ts';

/** Slots as rows, one a holder. */
export function createEmbeddedSlots(db: EmbeddedDatabase, clock: Clock): SlotLeases {
  const countActive = (scanner: string, now: number): number =>
    Number(
      db.get('SELECT count(*) AS n FROM slots WHERE scanner = ? AND expires_at > ?', scanner, now)?.n ?? 0,
    );
  return {
    acquire: async (scanner, holder, max, leaseMs) =>
      db.transaction(() => {
        const now = clock();
        // slots that are held longer than any was given: the clock was set back
        db.run(
          'UPDATE slots SET expires_at = ? WHERE scanner = ? AND expires_at > ?',
          now + leaseMs,
          scanner,
          latestLeaseEnd(now, leaseMs),
        );
        db.run('DELETE FROM slots WHERE scanner = ? AND expires_at <= ?', scanner, now);
        const held = db.get('SELECT 1 AS held FROM slots WHERE scanner = ? AND holder = ?', scanner, holder);
        if (!held) {
          if (countActive(scanner, now) >= max) return false;
          db.run(
            'INSERT INTO last_used VALUES (?, ?) ON CONFLICT (scanner) DO UPDATE SET at = excluded.at',
            scanner,
            now,
          );
        }
        db.run(
          'INSERT INTO slots VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at',
          scanner,
          holder,
          now + leaseMs,
        );
        return true;
      }),
    async release(scanner, holder) {
      await db.change('DELETE FROM slots WHERE scanner = ? AND holder = ?', scanner, holder);
    },
    usage: async (scanners) =>
      scanners.map((scanner) => ({
        scanner,
        active: countActive(scanner, clock()),
        lastUsed: Number(db.get('SELECT at FROM last_used WHERE scanner = ?', scanner)?.at ?? 0),
      })),
  };
}
