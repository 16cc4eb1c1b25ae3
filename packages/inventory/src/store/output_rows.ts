import type { Kysely, Transaction } from 'kysely';
import type { OutputsPlace, StoredOutputs } from './inventory_store.ts';
import { bufferOf, bytesOf, inChunks } from './row_bytes.ts';
import type { Tables } from './tables.ts';

/** Writes outputs, which count when their assets name them. */
export async function insertOutputs(db: Kysely<Tables>, rows: readonly StoredOutputs[]): Promise<void> {
  await db
    .insertInto('inventory_outputs')
    .values(rows.map(({ texts, ...row }) => ({ ...row, texts: bufferOf(texts) })))
    .execute();
}

/** Outputs by the numbers of their assets; without those that are no longer there. */
export async function readOutputs(
  db: Kysely<Tables>,
  places: readonly OutputsPlace[],
): Promise<Map<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  for (const some of inChunks(places.filter(({ outputs }) => outputs !== ''))) {
    const changes = new Map(some.map(({ id, outputs }) => [id, outputs]));
    const rows = await db
      .selectFrom('inventory_outputs')
      .selectAll()
      .where('asset', 'in', [...changes.keys()])
      .where('change', 'in', [...new Set(changes.values())])
      .execute();
    for (const { asset, change, texts } of rows)
      if (changes.get(asset) === change) found.set(asset, bytesOf(texts));
  }
  return found;
}

/** Removes what these assets do not name: what was before, and what was written for changes that were never committed. */
export async function deleteStaleOutputs(
  transaction: Transaction<Tables>,
  assets: readonly number[],
): Promise<void> {
  await transaction
    .deleteFrom('inventory_outputs')
    .where('asset', 'in', assets)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('inventory_assets')
            .select('id')
            .whereRef('inventory_assets.id', '=', 'inventory_outputs.asset')
            .whereRef('inventory_assets.outputs', '=', 'inventory_outputs.change'),
        ),
      ),
    )
    .execute();
}
