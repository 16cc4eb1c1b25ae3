import { messageOf, NmcpError } from '@nmcp/types';
import { PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { InventoryStore } from './inventory_store.ts';
import { type Backend, KyselyStore } from './kysely_store.ts';

/** Connections of one process. */
const CONNECTIONS = 4;
const CONNECT_MS = 5000;
/** A lock of this number is the right to change the inventory. */
const LOCK = 0x6e6d6370;

/**
 * Opens the inventory in a database of PostgreSQL, whose tables are made if they are missing.
 *
 * @param url such as `postgres://nmcp:password@localhost/nmcp`
 * @throws {NmcpError} `invalid_config` for a wrong URL, password or database; `unavailable` when it does not answer
 */
export async function openPostgresStore(url: string): Promise<InventoryStore> {
  const where = placeOf(url);
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: CONNECT_MS });
  // a connection that breaks off fails what is asked of it, and the next one is made anew
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  const backend: Backend = {
    dialect: new PostgresDialect({ pool }),
    bytes: 'bytea',
    alone: (change) => change(), // its migrator has a lock, and a transaction
    async lock(transaction) {
      await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(transaction);
    },
    explain: (error) => explain(where, error),
    close: async () => {},
  };
  try {
    return await KyselyStore.open(backend);
  } catch (error) {
    await pool.end().catch(() => {});
    throw error;
  }
}

/** Where a database is, without the password. */
function placeOf(url: string): string {
  try {
    const { protocol, hostname, port, pathname } = new URL(url);
    if (/^postgres(ql)?:$/.test(protocol)) return `${hostname}${port ? `:${port}` : ''}${pathname}`;
  } catch {
    // said below
  }
  throw new NmcpError(
    'invalid_config',
    'INVENTORY_URL: expected postgres://USER:PASSWORD@HOST/DATABASE, or the path of a file',
  );
}

/** Classes of PostgreSQL's codes, and its drivers' words, and what they mean. */
const MEANINGS: readonly [RegExp, 'unavailable' | 'storage' | 'invalid_config', string][] = [
  [/^(28|3D|3F)/, 'invalid_config', 'refuses the user, the password or the database of INVENTORY_URL'],
  [/^42501/, 'invalid_config', 'does not let this user make or change the tables of the inventory'],
  [/^53100/, 'storage', 'is full'],
  [/^25006/, 'storage', 'is read-only'],
  [/^53300/, 'unavailable', 'takes no more connections'],
  [/^(08|57P|40|53)/, 'unavailable', 'does not answer'],
];

function explain(where: string, error: unknown): NmcpError | undefined {
  const code = String((error as { code?: unknown }).code ?? '');
  const text = messageOf(error);
  const meant = MEANINGS.find(([pattern]) => pattern.test(code));
  if (meant)
    return new NmcpError(meant[1], `The inventory's PostgreSQL at ${where} ${meant[2]}`, { cause: error });
  if (/^E[A-Z]+$/.test(code) || /timeout|terminated|Connection/i.test(text))
    return new NmcpError('unavailable', `The inventory's PostgreSQL at ${where} does not answer`, {
      cause: error,
    });
  return undefined;
}
