import type { StateDatabase } from '@nmcp/database/state';
import type { Versions } from '@nmcp/files';
import { isNmcpError, type Task, type TaskId } from '@nmcp/types';
import { nextVersion, refuseResults, refuseStale, taken, versionOf } from '../next_version.ts';
import { formatTask, isDamaged } from '../parse_task.ts';
import { ResultFiles } from '../result_files.ts';
import type { ScanOwners } from '../scan_owners.ts';
import {
  type DamagedTask,
  type ProgressNote,
  type SaveResultsOptions,
  type TaskPaths,
  type TaskStore,
  type TaskWatch,
  taskNotFound,
} from '../task_store.ts';
import { PostgresLists } from './postgres_lists.ts';
import { PostgresScanOwners } from './postgres_scan_owners.ts';
import { rowOf, taskOf } from './task_row.ts';

/** Options of {@linkcode createPostgresTaskStore}. */
export interface PostgresTaskStoreOptions {
  database: StateDatabase;
  /** Folder of the results, one folder a task; made where it is missing. */
  dataDir: string;
  /** Where the results are. @default in those folders */
  results?: ResultFiles | undefined;
  /** Told of a task that cannot be read; listing goes on without it. */
  onDamaged?: (taskId: string, error: unknown) => void;
}

/** Milliseconds between two looks at a task while changes are heard, and while they are not. */
const HEARD_LOOK_MS = 15_000;
const LOOK_MS = 1000;

/** Tasks in PostgreSQL; their results are in folders. */
export function createPostgresTaskStore(options: PostgresTaskStoreOptions): TaskStore {
  return new PostgresTaskStore(options);
}

class PostgresTaskStore extends PostgresLists implements TaskStore {
  readonly dataDir: string;
  readonly owners: ScanOwners;
  readonly #results: ResultFiles;

  constructor({
    database,
    dataDir,
    results = new ResultFiles(dataDir),
    onDamaged = () => {},
  }: PostgresTaskStoreOptions) {
    super(database, onDamaged);
    this.dataDir = dataDir;
    this.owners = new PostgresScanOwners(database);
    this.#results = results;
  }

  paths(id: TaskId): TaskPaths {
    return this.#results.paths(id);
  }

  results(task: Task): Promise<string> {
    return this.#results.local(task);
  }

  document(name: string): Versions {
    return this.database.versions(name);
  }

  async create(task: Task): Promise<void> {
    const row = rowOf({ ...task, version: 1 });
    const { numInsertedOrUpdatedRows } = await this.database.run((db) =>
      db
        .insertInto('nmcp_tasks')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst(),
    );
    if (numInsertedOrUpdatedRows !== 1n) throw taken(task.task_id);
  }

  async importResults(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    describe: (resultsPath: string) => Promise<Task>,
  ): Promise<Task> {
    if (await this.#find(id)) throw taken(id);
    try {
      await this.saveResults(id, source);
      const task = await describe(this.paths(id).native);
      await this.create(task);
      return task;
    } catch (error) {
      if (!isNmcpError(error, 'unavailable')) await this.#results.remove(id); // there may be a task by now
      throw error;
    }
  }

  async read(id: TaskId): Promise<Task> {
    const row = await this.#find(id);
    if (!row) throw taskNotFound(id);
    return taskOf(row);
  }

  async change(id: TaskId, fence: number | undefined, change: (task: Task) => Task): Promise<Task> {
    while (true) {
      const before = await this.read(id);
      const after = nextVersion(before, fence, change);
      if (after === before) return before;
      const { task_id: _, ...row } = rowOf(after);
      // one statement: what was looked at is what is changed, and no later holder has written
      const { numUpdatedRows } = await this.database.run((db) =>
        db
          .updateTable('nmcp_tasks')
          .set(row)
          .where('task_id', '=', id)
          .where('version', '=', versionOf(before))
          .where('fence', '<=', row.fence)
          .executeTakeFirst(),
      );
      if (numUpdatedRows === 1n) return after;
      // somebody else was first: it is asked again, on what they made of it
    }
  }

  async restore(task: Task): Promise<void> {
    const row = rowOf({ ...task, version: Math.max(1, versionOf(task)) }); // those of v3.0 have none
    const { task_id: _, ...changed } = row;
    await this.database.run((db) =>
      db
        .insertInto('nmcp_tasks')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .column('task_id')
            .doUpdateSet(changed)
            .where('nmcp_tasks.version', '<', row.version)
            .where('nmcp_tasks.fence', '<=', row.fence),
        )
        .execute(),
    );
  }

  async noteProgress(id: TaskId, fence: number, note: ProgressNote): Promise<void> {
    const task = await this.read(id);
    refuseStale(task, fence);
    if (task.status !== 'running') return;
    await this.database.run((db) =>
      db
        .updateTable('nmcp_tasks')
        .set({ task: formatTask({ ...task, ...note }) })
        .where('task_id', '=', id)
        .where('version', '=', versionOf(task))
        .execute(),
    );
  }

  async saveResults(
    id: TaskId,
    source: AsyncIterable<Uint8Array>,
    options: SaveResultsOptions = {},
  ): Promise<number> {
    const { fence = 0 } = options;
    await this.#results.makeFolder(id);
    return await this.#results.save(id, source, options, async () => {
      if (fence !== 0) refuseResults(await this.read(id), fence);
    });
  }

  watch(id: TaskId, onChange: () => void): TaskWatch {
    const database = this.database;
    return {
      get lookMs() {
        return database.hears ? HEARD_LOOK_MS : LOOK_MS;
      },
      [Symbol.dispose]: database.listen(id, onChange),
    };
  }

  async damaged(): Promise<DamagedTask[]> {
    const found: DamagedTask[] = [];
    await this.tellRows({}, (row) => {
      try {
        taskOf(row);
      } catch (error) {
        if (isDamaged(error)) found.push({ task_id: row.task_id as TaskId, changedAt: Number(row.made) });
      }
    });
    return [...found, ...(await this.#strays())];
  }

  async remove(id: TaskId): Promise<void> {
    // first the task: without it, its folder is found and removed by the reconciliation
    await this.database.run((db) => db.deleteFrom('nmcp_tasks').where('task_id', '=', id).execute());
    await this.#results.remove(id);
  }

  /** Folders with results of which there is no task, such as those of one that another host has removed. */
  async #strays(): Promise<DamagedTask[]> {
    const folders = await this.#results.folders();
    const known = new Set(await this.ids({ ids: folders }));
    return await Promise.all(
      folders
        .filter((id) => !known.has(id))
        .map(async (task_id) => ({ task_id, changedAt: await this.#results.changedAt(task_id) })),
    );
  }

  #find(id: TaskId): Promise<{ task_id: string; task: string; made: number } | undefined> {
    return this.database.run((db) =>
      db
        .selectFrom('nmcp_tasks')
        .select(['task_id', 'task', 'made'])
        .where('task_id', '=', id)
        .executeTakeFirst(),
    );
  }
}
