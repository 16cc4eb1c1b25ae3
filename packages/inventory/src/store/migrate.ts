import { messageOf, NmcpError } from '@nmcp/types';
import { type Kysely, Migrator } from 'kysely';
import { migrations, type Tables } from './tables.ts';

/**
 * Makes the tables, or brings those of an earlier version to this one; several processes may do it at the same time.
 *
 * @throws {NmcpError} `invalid_config` for a database of a later version
 */
export async function migrate(db: Kysely<Tables>, bytes: 'blob' | 'bytea'): Promise<void> {
  const known = migrations(bytes);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => known },
    migrationTableName: 'inventory_migrations',
    migrationLockTableName: 'inventory_migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (/previously executed migration .* is missing/.test(messageOf(error)))
    throw new NmcpError(
      'invalid_config',
      'The inventory was written by a later version of Nessus MCP; use that version, or another INVENTORY_URL',
      { cause: error },
    );
  throw error;
}
