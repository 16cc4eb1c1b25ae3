import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, NmcpError } from '@nmcp/types';
import Database from 'libsql';
import { SCHEMA } from './schema.ts';

/** A value that a statement takes or gives. */
export type SqlValue = string | number | null;
type Row = Record<string, SqlValue>;

/** Milliseconds for which SQLite itself waits for another process, and nothing else is done in this one. */
const BLOCKING_MS = 5;
/** Milliseconds between two tries, in which everything else goes on. */
const BUSY_WAIT_MS = 10;
/** Milliseconds after which a process that holds the file, such as one that was stopped, is told of. */
const BUSY_MS = 10_000;

/**
 * A SQLite file with prepared statements. Several processes may have it open; one that is stopped within a transaction is
 * waited for without standing still.
 */
export class EmbeddedDatabase {
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #statements = new Map<string, Database.Statement>();

  private constructor(path: string) {
    this.#path = path;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      makePrivate(path);
      this.#db = new Database(path, { timeout: BLOCKING_MS });
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  /** @throws {NmcpError} `unavailable` when the file cannot be opened. */
  static async open(path: string): Promise<EmbeddedDatabase> {
    const opened = new EmbeddedDatabase(path);
    try {
      await opened.#whenFree(() => {
        opened.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
        opened.#db.exec(SCHEMA);
      });
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  /** Changes something, as one step of a transaction. @returns the number of rows */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#guard(() => this.#prepare(sql).run(...values).changes);
  }

  get(sql: string, ...values: SqlValue[]): Row | undefined {
    // A row is a record of its columns
    return this.#guard(() => this.#prepare(sql).get(...values) as Row | undefined);
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    // see get
    return this.#guard(() => this.#prepare(sql).all(...values) as Row[]);
  }

  /** One statement as a transaction of its own. @returns the number of rows that it changed */
  change(sql: string, ...values: SqlValue[]): Promise<number> {
    return this.transaction(() => this.run(sql, ...values));
  }

  /**
   * Runs a function as one step that no other process sees half of.
   *
   * @throws {NmcpError} `unavailable`: also when another process holds the file for 10 seconds
   */
  async transaction<T>(run: () => T): Promise<T> {
    return await this.#whenFree(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = run();
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** The machine's clock as SQLite reads it, in milliseconds. */
  now(): number {
    return Math.round(Number(this.get("SELECT 1000 * unixepoch('now', 'subsec') AS now")?.now));
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.open) this.#db.close();
  }

  #prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw error instanceof NmcpError ? error : this.#unavailable(error);
    }
  }

  /** Tries again while another process holds the file. */
  async #whenFree<T>(run: () => T): Promise<T> {
    const end = performance.now() + BUSY_MS;
    while (true) {
      try {
        return run();
      } catch (error) {
        if (!isBusy(error) || performance.now() > end)
          throw error instanceof NmcpError ? error : this.#unavailable(error);
      }
      await delay(BUSY_WAIT_MS);
    }
  }

  #unavailable(cause: unknown): NmcpError {
    return new NmcpError('unavailable', `The embedded queue ${this.#path}: ${messageOf(cause)}`, {
      title: 'Queue unavailable',
      cause,
    });
  }
}

/** For its owner alone, in whatever folder; SQLite gives its journals the same rights. */
function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  try {
    chmodSync(path, 0o600);
  } catch {
    // somebody else's, who lets us write: its rights are his
  }
}

function isBusy(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && String(cause.code).startsWith('SQLITE_BUSY')) return true;
  return false;
}
