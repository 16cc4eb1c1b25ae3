import type { PoolName } from '@nmcp/types';
import type { EmbeddedDatabase } from './database.ts';

/** Rows of a table that belong to a pool. */
export function countRows(
  db: EmbeddedDatabase,
  table: 'waiting' | 'inflight' | 'dead',
  pool: PoolName,
): number {
  return Number(db.get(`SELECT count(*) AS n FROM ${table} WHERE pool = ?`, pool)?.n ?? 0);
}
