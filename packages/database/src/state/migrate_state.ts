import { NmcpError } from '@nmcp/types';
import { type Kysely, sql } from 'kysely';
import { migrateTables } from '../migrate_tables.ts';
import { OLDEST_READER, SCHEMA_VERSION, STATE_MIGRATIONS, type StateTables } from './tables.ts';

/**
 * Brings the database to this version's tables. One of a later version is left as it is, and used if that version says that
 * this one may: so replicas of the version before go on while new ones start.
 *
 * @returns the names of the changes that were made
 * @throws {NmcpError} `invalid_config` for a database that this version cannot use
 */
export async function migrateState(
  db: Kysely<StateTables>,
  { setting, migrates }: { setting: string; migrates: boolean },
): Promise<string[]> {
  const { isLater, isCurrent, oldestReader } = await versionOf(db);
  if (isLater && oldestReader > SCHEMA_VERSION)
    throw new NmcpError(
      'invalid_config',
      `${setting}: the database was written by a later version of Nessus MCP, and this one cannot use it; use that version, or another database`,
    );
  if (isLater || (isCurrent && !migrates)) return [];
  if (!migrates)
    throw new NmcpError(
      'invalid_config',
      `${setting}: the tables of the database are missing, or of an earlier version: nmcp-admin migrate makes them, and so does the start of a server`,
    );
  return await migrateTables(db, {
    migrations: STATE_MIGRATIONS,
    prefix: 'nmcp',
    holds: 'The database of tasks',
    setting,
  });
}

async function versionOf(
  db: Kysely<StateTables>,
): Promise<{ isLater: boolean; isCurrent: boolean; oldestReader: number }> {
  const { rows: found } = await sql<{
    there: string | null;
  }>`SELECT to_regclass('nmcp_meta')::text AS there`.execute(db);
  if (found[0]?.there == null) return { isLater: false, isCurrent: false, oldestReader: 0 };
  const { rows } = await sql<{ name: string }>`SELECT name FROM nmcp_migrations`.execute(db);
  const oldest = await db
    .selectFrom('nmcp_meta')
    .select('value')
    .where('name', '=', OLDEST_READER)
    .executeTakeFirst();
  return {
    isLater: rows.some(({ name }) => !Object.hasOwn(STATE_MIGRATIONS, name)),
    isCurrent: rows.length >= SCHEMA_VERSION,
    oldestReader: Number(oldest?.value ?? 0),
  };
}
