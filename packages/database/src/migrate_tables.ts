import { messageOf, NmcpError } from '@nmcp/types';
import { type Kysely, type Migration, Migrator } from 'kysely';

/** Options of {@linkcode migrateTables}. */
export interface MigrateOptions {
  /** Changes by their names, which sort. */
  migrations: Readonly<Record<string, Migration>>;
  /** How the names of the tables begin that note what was done. */
  prefix: string;
  /** What the tables hold, and the setting that names their database; errors name them. */
  holds: string;
  setting: string;
}

/**
 * Makes tables, or brings those of an earlier version to this one; several processes may do it at the same time.
 *
 * @returns the names of the changes that were made
 * @throws {NmcpError} `invalid_config` for a database of a later version
 */
export async function migrateTables<Tables>(
  db: Kysely<Tables>,
  { migrations, prefix, holds, setting }: MigrateOptions,
): Promise<string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: `${prefix}_migrations`,
    migrationLockTableName: `${prefix}_migration_lock`,
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error === undefined) return results.map(({ migrationName }) => migrationName);
  if (/previously executed migration .* is missing/.test(messageOf(error)))
    throw new NmcpError(
      'invalid_config',
      `${holds} was written by a later version of Nessus MCP; use that version, or another ${setting}`,
      { cause: error },
    );
  throw error;
}
