import type { StateDatabase, StateTables, TaskRow } from '@nmcp/database/state';
import type { PoolName, Task, TaskId } from '@nmcp/types';
import { type Kysely, sql } from 'kysely';
import type { TaskFilter, TaskPage } from '../task_filter.ts';
import type { NumberedScan, TaskLists } from '../task_lists.ts';
import { inPage, selectTasks, sumOfCounts } from './select_tasks.ts';
import { taskOf } from './task_row.ts';

/** What is read of a row. */
export type FoundRow = Pick<TaskRow, 'task_id' | 'task' | 'made'>;

/** Rows among which the latest of each series are looked for, at first. */
const FIRST_ROWS = 200;
/** Rows that are read at a time where all are meant. */
const ROWS = 2000;

/** Lists that the database makes by its indexes. */
export class PostgresLists implements TaskLists {
  protected readonly database: StateDatabase;
  readonly #onDamaged: (taskId: string, error: unknown) => void;

  constructor(database: StateDatabase, onDamaged: (taskId: string, error: unknown) => void) {
    this.database = database;
    this.#onDamaged = onDamaged;
  }

  async list(filter: TaskFilter & TaskPage = {}): Promise<Task[]> {
    const tasks: Task[] = [];
    await this.tellRows(filter, (row) => tasks.push(...this.#taskIfWhole(row)));
    return tasks;
  }

  async ids(filter: TaskFilter & TaskPage = {}): Promise<TaskId[]> {
    const rows = await this.database.run((db) =>
      inPage(selectTasks(db, filter), filter).select('task_id').execute(),
    );
    return rows.map(({ task_id }) => task_id as TaskId); // the key of its row
  }

  async count(filter: TaskFilter = {}): Promise<number> {
    const { status, pool, owner, visibleTo, ...rest } = filter;
    const isKept = Object.values(rest).every((value) => value === undefined);
    if (isKept) return await this.database.run((db) => sumOfCounts(db, { status, pool, owner, visibleTo }));
    const row = await this.database.run((db) =>
      selectTasks(db, filter).select(sql<string>`count(*)`.as('count')).executeTakeFirst(),
    );
    return Number(row?.count ?? 0);
  }

  async pools(): Promise<PoolName[]> {
    const rows = await this.database.run((db) =>
      db.selectFrom('nmcp_tasks').select('pool').distinct().execute(),
    );
    return rows.map(({ pool }) => pool as PoolName); // of a task
  }

  async scanNumbers(filter: TaskFilter): Promise<NumberedScan[]> {
    const rows = await this.database.run((db) =>
      selectTasks(db, filter).where('scan_number', 'is not', null).select(['scan_number', 'owner']).execute(),
    );
    return rows.map(({ scan_number, owner }) => ({
      nessus_scan_id: Number(scan_number),
      owner: owner ?? undefined,
    }));
  }

  async latestOfSeries(limit: number, filter: TaskFilter): Promise<Task[]> {
    const latest = new Map<string | null, string>();
    // a few of the newest have as many series, unless one is repeated all the time
    for (
      let [offset, rows] = [0, FIRST_ROWS];
      latest.size < limit;
      [offset, rows] = [offset + rows, 4 * rows]
    ) {
      const found = await this.database.run((db) =>
        inPage(selectTasks(db, filter).where('series', 'is not', null), {
          order: 'began',
          limit: rows,
          offset,
        })
          .select(['task_id', 'series'])
          .execute(),
      );
      for (const { series, task_id } of found) if (!latest.has(series)) latest.set(series, task_id);
      if (found.length < rows) break;
    }
    return await this.list({ ids: [...latest.values()].slice(0, limit), order: 'began' });
  }

  /** Tells each row of a page; many are fetched in parts, as they were at one moment. */
  protected async tellRows(filter: TaskFilter & TaskPage, tell: (row: FoundRow) => void): Promise<void> {
    const query = (db: Kysely<StateTables>) =>
      inPage(selectTasks(db, filter), filter).select(['task_id', 'task', 'made']);
    await this.database.run(async (db) => {
      if ((filter.limit ?? ROWS + 1) <= ROWS) return (await query(db).execute()).forEach(tell);
      await db.transaction().execute(async (transaction) => {
        await sql`DECLARE found NO SCROLL CURSOR FOR ${query(transaction)}`.execute(transaction);
        while (true) {
          const { rows } = await sql<FoundRow>`FETCH ${sql.lit(ROWS)} FROM found`.execute(transaction);
          rows.forEach(tell);
          if (rows.length < ROWS) return;
        }
      });
    });
  }

  #taskIfWhole(row: FoundRow): Task[] {
    try {
      return [taskOf(row)];
    } catch (error) {
      this.#onDamaged(row.task_id, error);
      return [];
    }
  }
}
