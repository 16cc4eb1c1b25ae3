import { NmcpError } from '@nmcp/types';
import { Kysely, sql } from 'kysely';
import { connectPostgres, type PostgresConnection } from '../connect_postgres.ts';
import { ChangeListener } from './change_listener.ts';
import { DocumentVersions } from './document_versions.ts';
import { migrateState } from './migrate_state.ts';
import type { StateTables } from './tables.ts';

/** Options of {@linkcode openStateDatabase}. */
export interface StateDatabaseOptions {
  /** Such as `postgres://nmcp:password@localhost/nmcp`. */
  url: string;
  /** The setting that it comes from, which errors name. @default `TASKS_URL` */
  setting?: string;
  /** Connections of this process. @default 8 */
  connections?: number;
  /** Makes tables, or brings them to this version. @default true */
  migrates?: boolean;
}

/** The database of tasks, tokens, limits and the audit log. */
export class StateDatabase implements AsyncDisposable {
  readonly #connection: PostgresConnection;
  readonly #db: Kysely<StateTables>;
  readonly #listener: ChangeListener;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
    this.#db = new Kysely<StateTables>({ dialect: connection.dialect });
    this.#listener = new ChangeListener(connection.config);
  }

  /** Host, port and name, without user and password. */
  get where(): string {
    return this.#connection.where;
  }

  /** Whether changes are heard at the moment. */
  get hears(): boolean {
    return this.#listener.hears;
  }

  /** Runs statements; what the driver throws is explained. @throws {NmcpError} `unavailable`, `storage`, `invalid_config` */
  async run<T>(action: (db: Kysely<StateTables>) => Promise<T>): Promise<T> {
    try {
      return await action(this.#db);
    } catch (error) {
      throw this.#connection.explain(error) ?? error;
    }
  }

  /** Calls back at each change of a task, and when changes may have been missed. @returns what ends it */
  listen(taskId: string, onChange: () => void): () => void {
    return this.#listener.listen(taskId, onChange);
  }

  /**
   * Says which queue this process works on; several on one database must not have several queues, each of which would run the
   * same tasks.
   *
   * @throws {NmcpError} `invalid_config` when processes are there that work on another one
   */
  async requireOneQueue(queue: string): Promise<void> {
    if (await this.run(() => this.#listener.standFor(queue)))
      throw new NmcpError(
        'invalid_config',
        `TASKS_URL: processes with another queue work on the database at ${this.where}, so each task would be run twice. Give all processes of a deployment the same REDIS_URL, and each deployment a database of its own`,
      );
  }

  /** The versions of something small by its name. */
  versions(name: string): DocumentVersions {
    return new DocumentVersions(this, name);
  }

  /** The database's clock, in milliseconds since 1970. */
  async now(): Promise<number> {
    const { rows } = await this.run((db) =>
      sql<{ now: string }>`SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now`.execute(db),
    );
    return Number(rows[0]?.now);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener[Symbol.dispose]();
    await this.#db.destroy();
    await this.#connection.end();
  }
}

/**
 * Opens the database of tasks. Its tables are made, or brought to this version, under a lock.
 *
 * @throws {NmcpError} `invalid_config` for a wrong URL, password, certificate or database, and one of a later version;
 *   `unavailable` when it does not answer
 */
export async function openStateDatabase(options: StateDatabaseOptions): Promise<StateDatabase> {
  const { database } = await openMigrated(options);
  return database;
}

/** The same, and says which changes of the tables were made. */
export async function openMigrated({
  url,
  setting = 'TASKS_URL',
  connections = 8,
  migrates = true,
}: StateDatabaseOptions): Promise<{ database: StateDatabase; made: string[] }> {
  const connection = connectPostgres({ url, setting, holds: 'The database of tasks', connections });
  const database = new StateDatabase(connection);
  try {
    return { database, made: await database.run((db) => migrateState(db, { setting, migrates })) };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}
