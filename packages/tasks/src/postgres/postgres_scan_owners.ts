import type { StateDatabase } from '@nmcp/database/state';
import { type ScanOwner, type ScanOwners, scannerKey } from '../scan_owners.ts';

/** Owners of scans in PostgreSQL. */
export class PostgresScanOwners implements ScanOwners {
  readonly #database: StateDatabase;

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  async note(url: string, scanId: number, { owner = '', task_id }: ScanOwner): Promise<void> {
    await this.#database.run((db) =>
      db
        .insertInto('nmcp_scan_owners')
        .values({ scanner: scannerKey(url), scan_id: scanId, owner, task_id })
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
