// Where the tasks of a round are, and how all of their versions are read: files keep them, of a database a trigger does.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileLog } from '@nmcp/audit';
import { PostgresLog } from '@nmcp/audit/postgres';
import { openStateDatabase } from '@nmcp/database/state';
import { createTaskStore } from '@nmcp/tasks';
import { createPostgresTaskStore } from '@nmcp/tasks/postgres';
import { fromTaskFile } from '@nmcp/types';

/** Each answers `{environment, tasks, audit, versionsOf, tellCommits, close}`. */
export async function createTaskPlace(dataDir, postgres) {
  return postgres ? await inDatabase(dataDir, postgres) : inFiles(dataDir);
}

function inFiles(dataDir) {
  const tasks = createTaskStore({ dataDir });
  return {
    environment: {},
    tasks,
    audit: new FileLog(join(dataDir, '.audit.jsonl')),
    async versionsOf({ task_id }) {
      const { folder } = tasks.paths(task_id);
      const names = (await readdir(folder)).filter(
        (name) => name.startsWith('.task-') && name.endsWith('.json'),
      );
      const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
      return inOrder(texts);
    },
    tellCommits: async () => {}, // each process tells its own
    close: async () => {},
  };
}

/** Who writes is known by the name of its connection, which is the number of its process. */
const KEEP_VERSIONS = `
  CREATE TABLE chaos_versions (task_id text, version int, task text, by text, at timestamptz, PRIMARY KEY (task_id, version));
  CREATE FUNCTION chaos_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_versions VALUES
      (NEW.task_id, NEW.version, NEW.task, current_setting('application_name'), clock_timestamp())
      ON CONFLICT (task_id, version) DO UPDATE SET task = NEW.task;
    RETURN NULL; END $$;
  CREATE TRIGGER chaos_keep AFTER INSERT OR UPDATE ON nmcp_tasks FOR EACH ROW EXECUTE FUNCTION chaos_keep()`;

async function inDatabase(dataDir, postgres) {
  const url = await postgres.newDatabase();
  const database = await openStateDatabase({ url });
  await postgres.sql(KEEP_VERSIONS, url);
  const rows = (columns) => database.run((db) => db.selectFrom('chaos_versions').select(columns).execute());
  return {
    environment: { TASKS_URL: url },
    tasks: createPostgresTaskStore({ database, dataDir }),
    audit: new PostgresLog(database),
    async versionsOf({ task_id: id }) {
      const all = await rows(['task_id', 'task']);
      return inOrder(all.filter(({ task_id }) => task_id === id).map(({ task }) => task));
    },
    /** Tells a timeline who has made which version, and when. */
    async tellCommits(timeline) {
      for (const { task_id, version, by, at } of await rows(['task_id', 'version', 'by', 'at']))
        timeline.hear({ commit: task_id, version, pid: Number(by), at: at.getTime() });
    },
    /** Every connection breaks off, as when the server is started again. */
    cut: () =>
      postgres.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${url.split('/').at(-1)}'`,
      ),
    close: () => database[Symbol.asyncDispose](),
  };
}

function inOrder(texts) {
  return texts.map((text) => fromTaskFile(JSON.parse(text))).sort((a, b) => a.version - b.version);
}
