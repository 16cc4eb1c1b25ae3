import type { StateDatabase, StateTables, TaskRow } from '@nmcp/database/state';
import type { PoolName, Task, TaskId } from '@nmcp/types';
import { type Kysely, sql } from 'kysely';
import type { TaskFilter, TaskPage } from '../task_filter.ts';
import type { NumberedScan, TaskLists } from '../task_lists.ts';
import { inPage, selectTasks } from './select_tasks.ts';
import { taskOf } from './task_row.ts';

/** What is read of a row. */
export type FoundRow = Pick<TaskRow, 'task_id' | 'task' | 'made'>;

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

  async lastOfSeries(most: number, filter: TaskFilter): Promise<Task[]> {
    const ids = await this.database.run((db) => {
      const number = sql<number>`row_number() OVER (PARTITION BY series ORDER BY began DESC, created_at DESC, task_id DESC)`;
      return db
        .selectFrom(
          selectTasks(db, filter)
            .where('series', 'is not', null)
            .select(['task_id', number.as('place')])
            .as('placed'),
        )
        .where('place', '<=', most)
        .select('task_id')
        .execute();
    });
    return await this.list({ ids: ids.map(({ task_id }) => task_id), order: 'began' });
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
