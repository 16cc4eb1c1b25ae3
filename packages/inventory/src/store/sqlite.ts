import { closeSync, openSync } from 'node:fs';
import { messageOf, NmcpError } from '@nmcp/types';
import { type SqliteDatabase, SqliteDialect, sql } from 'kysely';
import Database from 'libsql';
import type { InventoryStore } from './inventory_store.ts';
import { type Backend, KyselyStore } from './kysely_store.ts';

/** Milliseconds that a writer waits for another one. */
const BUSY_MS = 30_000;

/**
 * Opens the inventory in a file of SQLite, which is made if it is missing, for its owner alone.
 *
 * @throws {NmcpError} `storage`, and `invalid_config` for a file of a later version or one that is none
 */
export async function openSqliteStore(path: string): Promise<InventoryStore> {
  let db: Database.Database;
  try {
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    db = new Database(path);
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;`);
  } catch (error) {
    throw explain(path, error) ?? error;
  }
  const backend: Backend = {
    dialect: new SqliteDialect({ database: databaseOf(db) }),
    bytes: 'blob',
    // its migrator has neither a lock nor a transaction; there is one connection
    async alone(change) {
      db.exec('BEGIN IMMEDIATE');
      try {
        await change();
        db.exec('COMMIT');
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    // a transaction that begins by writing never has to give way in its middle
    async lock(transaction) {
      await sql`UPDATE inventory_meta SET value = value WHERE key = 'version'`.execute(transaction);
    },
    explain: (error) => explain(path, error),
    close: async () => void (db.open && db.close()),
  };
  return await KyselyStore.open(backend);
}

/** Statements that are kept prepared. */
const MOST_PREPARED = 8;

type Statement = ReturnType<SqliteDatabase['prepare']>;

/**
 * The database as the dialect asks for it.
 *
 * - A full disk ends a transaction by itself; that it cannot be rolled back then must not be said in place of that.
 * - Statements that are repeated, as those that read and write the next rows are, are prepared once: the driver holds what was bound
 *   to a statement until the garbage collector comes by.
 */
function databaseOf(db: Database.Database): SqliteDatabase {
  const prepared = new Map<string, Statement>();
  return {
    close: () => void db.close(),
    prepare(asked) {
      const text = asked === 'rollback' && !db.inTransaction ? 'SELECT 1' : asked;
      const statement = prepared.get(text) ?? (db.prepare(text) as unknown as Statement); // the same interface
      prepared.delete(text);
      prepared.set(text, statement);
      const [oldest] = prepared.keys();
      if (prepared.size > MOST_PREPARED && oldest !== undefined) prepared.delete(oldest);
      return statement;
    },
  };
}

function explain(path: string, error: unknown): NmcpError | undefined {
  const code = (error as { code?: unknown }).code;
  const text = `${typeof code === 'string' ? code : ''} ${messageOf(error)}`;
  const say = (kind: 'storage' | 'unavailable' | 'invalid_config', what: string): NmcpError =>
    new NmcpError(kind, `The inventory ${path} ${what}`, { cause: error });
  if (/SQLITE_FULL|ENOSPC|disk is full/i.test(text))
    return say('storage', 'cannot be written: the disk is full');
  if (/SQLITE_READONLY|EROFS|EACCES|readonly/i.test(text))
    return say('storage', 'cannot be written: it is read-only');
  if (/SQLITE_NOTADB|not a database|malformed/i.test(text))
    return say(
      'invalid_config',
      'is no inventory, or is damaged; move it away, and it is built again from the scans',
    );
  if (/SQLITE_BUSY|locked/i.test(text)) return say('unavailable', 'is being written by another process');
  if (/SQLITE_IOERR|disk I\/O/i.test(text))
    return say('storage', 'cannot be read or written: the disk answers with an error');
  if (/SQLITE_CANTOPEN|ENOENT|unable to open/i.test(text)) return say('storage', 'cannot be opened');
  return undefined;
}
