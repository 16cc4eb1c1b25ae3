import type { Kysely } from 'kysely';
import type { StateTables } from './tables.ts';

/** What statements are run with. */
export interface Statements {
  run<T>(action: (db: Kysely<StateTables>) => Promise<T>): Promise<T>;
}

/** The versions of something small that several processes change, of which the database keeps the last. */
export class DocumentVersions {
  readonly #database: Statements;
  readonly #name: string;

  /** @param name such as `tokens` */
  constructor(database: Statements, name: string) {
    this.#database = database;
    this.#name = name;
  }

  async lastNumber(): Promise<number> {
    const row = await this.#database.run((db) =>
      db.selectFrom('nmcp_documents').select('number').where('name', '=', this.#name).executeTakeFirst(),
    );
    return Number(row?.number ?? 0);
  }

  async readLast(): Promise<{ number: number; text: string; path: string } | undefined> {
    const row = await this.#database.run((db) =>
      db
        .selectFrom('nmcp_documents')
        .select(['number', 'text'])
        .where('name', '=', this.#name)
        .executeTakeFirst(),
    );
    return row && { number: Number(row.number), text: row.text, path: this.#name };
  }

  commit(number: number, text: string): Promise<boolean> {
    const name = this.#name;
    return this.#database.run(async (db) => {
      if (number === 1) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('nmcp_documents')
          .values({ name, number, text })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      }
      const { numUpdatedRows } = await db
        .updateTable('nmcp_documents')
        .set({ number, text })
        .where('name', '=', name)
        .where('number', '=', number - 1)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    });
  }
}
