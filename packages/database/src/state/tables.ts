import { type Kysely, type Migration, sql } from 'kysely';

/** Tables of what DATA_DIR holds in files: tasks, tokens, sessions, limits of a day, owners of scans, the audit log. */
export interface StateTables {
  /** Facts about the deployment by their names. */
  nmcp_meta: { name: string; value: string };
  nmcp_tasks: TaskRow;
  /** How many tasks there are of each kind: it is kept by a trigger, since counting 100,000 takes 10 ms. */
  nmcp_task_counts: { owner: string | null; pool: string; status: string; count: number };
  /** Whose scan it is on which scanner. */
  nmcp_scan_owners: { scanner: string; scan_id: number; owner: string; task_id: string };
  /** Small things that several processes change by compare-and-set, each with the number of its version. */
  nmcp_documents: { name: string; number: number; text: string };
  /** Lines of the audit log; `hash` is the one that the line holds. */
  nmcp_audit: { seq: number; hash: string; line: string };
}

/** A task, with what lists are made by beside it. */
export interface TaskRow {
  task_id: string;
  version: number;
  /** The fencing number of the last holder of a lease who wrote; 0 before the first. */
  fence: number;
  status: string;
  pool: string;
  instance: string | null;
  /** Number of its scan on the scanner. */
  scan_number: number | null;
  owner: string | null;
  /** Name and id, in lower case. */
  words: string;
  /** As the task says it. */
  created_at: string;
  /** Milliseconds since 1970: when it was made, when its scan ran and was begun, and when it ended. */
  made: number;
  ran: number;
  began: number;
  ended: number | null;
  /** What it can be compared with. */
  series: string | null;
  has_report: boolean;
  is_pending: boolean;
  /** It is a scan of some plugins. */
  has_scope: boolean;
  is_attached: boolean;
  /** The scanner may have a second scan of it. */
  is_doubtful: boolean;
  /** Its targets as ranges of numbers, and as names. */
  addresses: unknown;
  names: string[];
  /** What task.json would be. */
  task: string;
}

/** Changes of the tables, in their order. Names sort; what was published is never edited. */
export const STATE_MIGRATIONS: Readonly<Record<string, Migration>> = { '0001_first': { up: first } };

/** The number of the last change. */
export const SCHEMA_VERSION: number = Object.keys(STATE_MIGRATIONS).length;

/**
 * Name of the fact which schema a program has to know at least to use this one. A change only adds what the versions before it
 * need not know; one that cannot raises this, and older programs say that the database is of a later version.
 */
export const OLDEST_READER = 'oldest_reader';

/** Heard by {@linkcode ChangeListener}: the id of a task that was changed. */
export const TASK_CHANNEL = 'nmcp_tasks';

async function first(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'CREATE TABLE nmcp_meta (name text PRIMARY KEY, value text NOT NULL)',
    `INSERT INTO nmcp_meta VALUES ('${OLDEST_READER}', '1')`,
    `CREATE TABLE nmcp_tasks (
      task_id text COLLATE "C" PRIMARY KEY,
      version integer NOT NULL,
      fence bigint NOT NULL,
      status text NOT NULL,
      pool text NOT NULL,
      instance text,
      scan_number bigint,
      owner text,
      words text NOT NULL,
      created_at text COLLATE "C" NOT NULL,
      made bigint NOT NULL,
      ran bigint NOT NULL,
      began bigint NOT NULL,
      ended bigint,
      series text COLLATE "C",
      has_report boolean NOT NULL,
      is_pending boolean NOT NULL,
      has_scope boolean NOT NULL,
      is_attached boolean NOT NULL,
      is_doubtful boolean NOT NULL,
      addresses nummultirange NOT NULL,
      names text[] NOT NULL,
      task text NOT NULL
    )`,
    'CREATE INDEX nmcp_tasks_created ON nmcp_tasks (created_at DESC, task_id DESC)',
    'CREATE INDEX nmcp_tasks_ran ON nmcp_tasks (ran DESC, created_at DESC, task_id DESC)',
    'CREATE INDEX nmcp_tasks_status ON nmcp_tasks (status, ran DESC, created_at DESC, task_id DESC)',
    'CREATE INDEX nmcp_tasks_ended ON nmcp_tasks (status, ended)',
    'CREATE INDEX nmcp_tasks_owner ON nmcp_tasks (owner, made)',
    'CREATE INDEX nmcp_tasks_instance ON nmcp_tasks (pool, instance, scan_number)',
    `CREATE INDEX nmcp_tasks_open ON nmcp_tasks (created_at DESC, task_id DESC) WHERE status IN ('queued', 'running')`,
    'CREATE INDEX nmcp_tasks_reports ON nmcp_tasks (ended, task_id) WHERE has_report',
    'CREATE INDEX nmcp_tasks_series ON nmcp_tasks (series, began DESC, created_at DESC) WHERE series IS NOT NULL',
    'CREATE INDEX nmcp_tasks_scope ON nmcp_tasks (task_id) WHERE has_scope',
    'CREATE INDEX nmcp_tasks_began ON nmcp_tasks (began DESC, created_at DESC, task_id DESC) WHERE series IS NOT NULL',
    'CREATE INDEX nmcp_tasks_pending ON nmcp_tasks (created_at DESC, task_id DESC) WHERE is_pending',
    'CREATE INDEX nmcp_tasks_doubtful ON nmcp_tasks (task_id) WHERE is_doubtful',
    'CREATE INDEX nmcp_tasks_addresses ON nmcp_tasks USING gist (addresses)',
    'CREATE INDEX nmcp_tasks_names ON nmcp_tasks USING gin (names)',
    `CREATE FUNCTION nmcp_tell_task() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_notify('${TASK_CHANNEL}', coalesce(NEW.task_id, OLD.task_id)); RETURN NULL; END $$`,
    `CREATE TRIGGER nmcp_tasks_changed AFTER INSERT OR UPDATE OR DELETE ON nmcp_tasks
      FOR EACH ROW EXECUTE FUNCTION nmcp_tell_task()`,
    `CREATE TABLE nmcp_task_counts (
      owner text, pool text NOT NULL, status text NOT NULL, count bigint NOT NULL,
      UNIQUE (pool, status, owner)
    )`,
    'CREATE UNIQUE INDEX nmcp_task_counts_nobodys ON nmcp_task_counts (pool, status) WHERE owner IS NULL',
    `CREATE FUNCTION nmcp_count_task() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP <> 'INSERT' THEN
          UPDATE nmcp_task_counts SET count = count - 1
            WHERE pool = OLD.pool AND status = OLD.status AND owner IS NOT DISTINCT FROM OLD.owner;
        END IF;
        IF TG_OP <> 'DELETE' THEN
          INSERT INTO nmcp_task_counts VALUES (NEW.owner, NEW.pool, NEW.status, 0) ON CONFLICT DO NOTHING;
          UPDATE nmcp_task_counts SET count = count + 1
            WHERE pool = NEW.pool AND status = NEW.status AND owner IS NOT DISTINCT FROM NEW.owner;
        END IF;
        RETURN NULL;
      END $$`,
    `CREATE TRIGGER nmcp_tasks_counted AFTER INSERT OR DELETE ON nmcp_tasks
      FOR EACH ROW EXECUTE FUNCTION nmcp_count_task()`,
    `CREATE TRIGGER nmcp_tasks_recounted AFTER UPDATE ON nmcp_tasks FOR EACH ROW
      WHEN ((OLD.owner, OLD.pool, OLD.status) IS DISTINCT FROM (NEW.owner, NEW.pool, NEW.status))
      EXECUTE FUNCTION nmcp_count_task()`,
    `CREATE TABLE nmcp_scan_owners (
      scanner text NOT NULL, scan_id bigint NOT NULL, owner text NOT NULL, task_id text NOT NULL,
      PRIMARY KEY (scanner, scan_id, owner)
    )`,
    'CREATE TABLE nmcp_documents (name text PRIMARY KEY, number bigint NOT NULL, text text NOT NULL)',
    'CREATE TABLE nmcp_audit (seq bigint PRIMARY KEY, hash text NOT NULL, line text NOT NULL)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
