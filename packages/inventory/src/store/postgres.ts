import { connectPostgres } from '@nmcp/database';
import { sql } from 'kysely';
import type { InventoryStore } from './inventory_store.ts';
import { type Backend, KyselyStore } from './kysely_store.ts';

/** A lock of this number is the right to change the inventory. */
const LOCK = 0x6e6d6370;

/**
 * Opens the inventory in a database of PostgreSQL, whose tables are made if they are missing.
 *
 * @param url such as `postgres://nmcp:password@localhost/nmcp`
 * @throws {NmcpError} `invalid_config` for a wrong URL, password or database; `unavailable` when it does not answer
 */
export async function openPostgresStore(url: string): Promise<InventoryStore> {
  const { dialect, explain, end } = connectPostgres({
    url,
    setting: 'INVENTORY_URL',
    holds: 'The inventory',
  });
  const backend: Backend = {
    dialect,
    bytes: 'bytea',
    alone: (change) => change(), // its migrator has a lock, and a transaction
    async lock(transaction) {
      await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(transaction);
    },
    explain,
    close: async () => {},
  };
  try {
    return await KyselyStore.open(backend);
  } catch (error) {
    await end();
    throw error;
  }
}
