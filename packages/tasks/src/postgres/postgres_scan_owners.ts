import type { StateDatabase } from '@nmcp/database/state';
import type { TaskId } from '@nmcp/types';
import { type OwnedScan, type ScanOwner, type ScanOwners, scannerKey } from '../scan_owners.ts';

/** Owners of scans in PostgreSQL. */
export class PostgresScanOwners implements ScanOwners {
  readonly #database: StateDatabase;

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  note(url: string, scanId: number, owner: ScanOwner): Promise<void> {
    return this.restore({ scanner: scannerKey(url), scanId, ...owner });
  }

  async restore({ scanner, scanId, owner = '', task_id }: OwnedScan): Promise<void> {
    await this.#database.run((db) =>
      db
        .insertInto('nmcp_scan_owners')
        .values({ scanner, scan_id: scanId, owner, task_id })
        .onConflict((conflict) => conflict.columns(['scanner', 'scan_id', 'owner']).doUpdateSet({ task_id }))
        .execute(),
    );
  }

  async othersOn(url: string, caller: string): Promise<ReadonlySet<number>> {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('nmcp_scan_owners')
        .select('scan_id')
        .where('scanner', '=', scannerKey(url))
        .groupBy('scan_id')
        .having(({ fn, eb }) => eb(fn.agg<boolean>('bool_or', [eb('owner', '=', caller)]), '=', false))
        .execute(),
    );
    return new Set(rows.map(({ scan_id }) => Number(scan_id)));
  }

  async all(): Promise<OwnedScan[]> {
    const rows = await this.#database.run((db) => db.selectFrom('nmcp_scan_owners').selectAll().execute());
    return rows.map(({ scanner, scan_id, owner, task_id }) => ({
      ...{ scanner, scanId: Number(scan_id), task_id: task_id as TaskId }, // as it was written
      ...(owner === '' ? {} : { owner }),
    }));
  }

  async forget(url: string, scanId: number): Promise<void> {
    await this.#database.run((db) =>
      db
        .deleteFrom('nmcp_scan_owners')
        .where('scanner', '=', scannerKey(url))
        .where('scan_id', '=', scanId)
        .execute(),
    );
  }
}
