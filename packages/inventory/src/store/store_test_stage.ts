import { join } from 'node:path';
import { type PrivatePostgres, startPostgres, tempFolder } from '@nmcp/test-support';
import Database from 'libsql';
import { afterAll } from 'vitest';

/** Where stores can be, by name. */
export interface EmptyStores {
  /** What makes URLs of empty databases. */
  backends: [name: string, make: () => string | Promise<string>][];
  /** Absent where none is installed. */
  postgres: PrivatePostgres | undefined;
}

/** Both databases, until the tests of the file are done. */
export async function emptyStores(): Promise<EmptyStores> {
  const folder = await tempFolder();
  const postgres = await startPostgres();
  afterAll(async () => {
    await postgres?.[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  let databases = 0;
  const backends: EmptyStores['backends'] = [
    ['SQLite', () => join(folder.path, `inventory-${databases++}.db`)],
  ];
  if (postgres) backends.push(['PostgreSQL', () => postgres.newDatabase()]);
  return { backends, postgres };
}

/** Changes a database by hand. */
export async function changeTables(
  url: string,
  text: string,
  postgres: PrivatePostgres | undefined,
): Promise<void> {
  if (url.startsWith('postgres')) {
    await postgres?.sql(text, url);
    return;
  }
  const db = new Database(url);
  db.exec(text);
  db.close();
}
