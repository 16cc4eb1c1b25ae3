import type { InventoryStore } from './inventory_store.ts';

/**
 * Opens the inventory.
 *
 * @param url of PostgreSQL, or the path of a file of SQLite
 * @throws {NmcpError} `invalid_config`, `unavailable`, `storage`
 */
export async function openStore(url: string): Promise<InventoryStore> {
  return /^\w+:\/\//.test(url)
    ? await (await import('./postgres.ts')).openPostgresStore(url)
    : await (await import('./sqlite.ts')).openSqliteStore(url);
}
