import type { StateDatabase } from '@nmcp/database/state';
import { type AuditEntry, type AuditEvent, BEGINNING, type Link, parseEntry } from './audit_entry.ts';
import { type AuditStore, nextEntry, requireKey, type Sealing } from './audit_store.ts';

/** Lines that are read at a time. */
const LINES = 1000;
/** PostgreSQL's code for a number that is taken. */
const UNIQUE_VIOLATION = '23505';

/**
 * A log in PostgreSQL: the same lines, by their numbers. Lines are added by one statement, all or none; a number that somebody
 * else has taken meanwhile is refused, and then all is made anew to follow theirs. Nothing is held between two statements, so a
 * process that is stopped keeps nobody waiting.
 */
export class PostgresLog implements AuditStore {
  readonly name: string = 'The audit log in the database';
  readonly #database: StateDatabase;

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  async write(events: readonly AuditEvent[], sealing: Sealing): Promise<AuditEntry[]> {
    const last = await this.#last();
    requireKey(this.name, last, sealing.keys);
    const entries: AuditEntry[] = [];
    for (const event of events) entries.push(nextEntry(event, entries.at(-1) ?? last, sealing));
    const isFirst = await this.#database.run((db) =>
      db
        .insertInto('nmcp_audit')
        .values(rowsOf(entries))
        .execute()
        .then(
          () => true,
          (error: unknown) => {
            if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return false; // of the driver
            throw error;
          },
        ),
    );
    return isFirst ? entries : [];
  }

  async exists(): Promise<boolean> {
    return (await this.#last()).seq > 0;
  }

  async restore(entries: readonly AuditEntry[]): Promise<void> {
    await this.#database.run((db) => db.insertInto('nmcp_audit').values(rowsOf(entries)).execute());
  }

  async *lines(): AsyncGenerator<string> {
    for (let after = 0; ; ) {
      const rows = await this.#database.run((db) =>
        db
          .selectFrom('nmcp_audit')
          .select(['seq', 'line'])
          .where('seq', '>', after)
          .orderBy('seq')
          .limit(LINES)
          .execute(),
      );
      for (const { line } of rows) yield line;
      const last = rows.at(-1);
      if (!last) return;
      after = Number(last.seq);
    }
  }

  async #last(): Promise<Link> {
    const row = await this.#database.run((db) =>
      db.selectFrom('nmcp_audit').select('line').orderBy('seq', 'desc').limit(1).executeTakeFirst(),
    );
    return (row && parseEntry(row.line)) ?? BEGINNING;
  }
}

function rowsOf(entries: readonly AuditEntry[]): { seq: number; hash: string; line: string }[] {
  return entries.map((entry) => ({ seq: entry.seq, hash: entry.hash, line: JSON.stringify(entry) }));
}
