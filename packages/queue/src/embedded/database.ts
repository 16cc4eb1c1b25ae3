import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, NmcpError } from '@nmcp/types';
import Database from 'libsql';
import { SCHEMA } from './schema.ts';

/** A value that a statement takes or gives. */
export type SqlValue = string | number | null;
type Row = Record<string, SqlValue>;

/** A SQLite file with prepared statements. Several processes may have it open. */
export class EmbeddedDatabase {
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #statements = new Map<string, Database.Statement>();

  /** @throws {NmcpError} `unavailable` when the file cannot be opened. */
  constructor(path: string) {
    this.#path = path;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.#db = new Database(path, { timeout: 10_000 });
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      this.#db.exec(SCHEMA);
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

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

  /** Runs a function as one step that no other process sees half of. */
  transaction<T>(run: () => T): T {
    return this.#guard(() => {
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

  #unavailable(cause: unknown): NmcpError {
    return new NmcpError('unavailable', `The embedded queue ${this.#path}: ${messageOf(cause)}`, {
      title: 'Queue unavailable',
      cause,
    });
  }
}
