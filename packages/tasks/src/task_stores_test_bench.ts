import { openStateDatabase, type StateDatabase } from '@nmcp/database/state';
import { type PrivatePostgres, startPostgres, tempFolder } from '@nmcp/test-support';
import { afterAll } from 'vitest';
import { createTaskStore, type TaskStore, type TaskStoreOptions } from './mod.ts';
import { createPostgresTaskStore } from './postgres/mod.ts';

/** A place for tasks, which several processes can open. */
export interface TaskPlace extends AsyncDisposable {
  dataDir: string;
  /** Opens it; another time as another process would. */
  open(): Promise<TaskStore>;
  /** A script that opens it as `store`. */
  script(body: string): string;
}

/** What makes an empty place of each backend, until the tests of the file are done. */
export async function openBackends(): Promise<[name: string, make: () => Promise<TaskPlace>][]> {
  const postgres = await startPostgres();
  afterAll(() => postgres?.[Symbol.asyncDispose]());
  const backends: [string, () => Promise<TaskPlace>][] = [
    ['files', () => filePlace({})],
    // as with many folders, of which lists look at none that nobody has noted
    ['files with an index', () => filePlace({ atOnce: 0 })],
  ];
  if (postgres) backends.push(['PostgreSQL', () => postgresPlace(postgres)]);
  return backends;
}

async function filePlace(how: Pick<TaskStoreOptions, 'atOnce'>): Promise<TaskPlace> {
  const folder = await tempFolder();
  const options = { dataDir: folder.path, ...how };
  return {
    dataDir: folder.path,
    open: async () => createTaskStore(options),
    script: (body) => `
      import { createTaskStore } from '@nmcp/tasks';
      const store = createTaskStore(${JSON.stringify(options)});
      ${body}`,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** One URL is made anew for each place: no test sees what another one has left. */
async function postgresPlace(postgres: PrivatePostgres): Promise<TaskPlace> {
  const folder = await tempFolder();
  const url = await postgres.newDatabase();
  const opened: StateDatabase[] = [];
  return {
    dataDir: folder.path,
    async open() {
      const database = await openStateDatabase({ url });
      opened.push(database);
      return createPostgresTaskStore({ database, dataDir: folder.path });
    },
    script: (body) => `
      import { openStateDatabase } from '@nmcp/database/state';
      import { createPostgresTaskStore } from '@nmcp/tasks/postgres';
      const database = await openStateDatabase({ url: '${url}' });
      const store = createPostgresTaskStore({ database, dataDir: ${JSON.stringify(folder.path)} });
      ${body}
      await database[Symbol.asyncDispose]();`,
    async [Symbol.asyncDispose]() {
      for (const database of opened) await database[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
