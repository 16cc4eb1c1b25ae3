import { type Kysely, sql, type Transaction } from 'kysely';
import type { StoredAsset } from './inventory_store.ts';
import { bufferOf, bytesOf, inChunks, ROWS } from './row_bytes.ts';
import type { Tables } from './tables.ts';

/** The highest number of an asset. */
export async function readLastAsset(db: Kysely<Tables>): Promise<number> {
  const last = await db
    .selectFrom('inventory_assets')
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.id ?? 0;
}

/** Assets of a zone by their identities. */
export async function readAssets(
  db: Kysely<Tables>,
  zone: string,
  identities: readonly string[],
): Promise<StoredAsset[]> {
  const found: StoredAsset[] = [];
  for (const some of inChunks(identities)) {
    const rows = await db
      .selectFrom('inventory_assets')
      .selectAll()
      .where('zone', '=', zone)
      .where('identity', 'in', some)
      .execute();
    found.push(...rows.map(assetOf));
  }
  return found;
}

/** The next assets behind a number, without their software. */
export async function readAssetsAfter(
  db: Kysely<Tables>,
  after: number,
): Promise<Omit<StoredAsset, 'software'>[]> {
  const rows = await db
    .selectFrom('inventory_assets')
    .select(['id', 'zone', 'identity', 'name', 'facts', 'sightings', 'states', 'histories', 'events'])
    .select('outputs')
    .where('id', '>', after)
    .orderBy('id')
    .limit(ROWS * 4)
    .execute();
  return rows.map(assetOf);
}

/** Software of the assets in whose lists a text stands, in whatever case; of those with these numbers where they are given. */
export async function readSoftware(
  db: Kysely<Tables>,
  text: string,
  ids?: readonly number[],
): Promise<Map<number, string>> {
  const like = `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
  const query = db
    .selectFrom('inventory_assets')
    .select(['id', 'software'])
    .where(sql<boolean>`lower(software) LIKE ${like} ESCAPE '\\'`);
  const found = new Map<number, string>();
  for (const some of ids ? inChunks(ids) : [undefined])
    for (const row of await (some ? query.where('id', 'in', some) : query).execute())
      found.set(row.id, row.software);
  return found;
}

/** Writes assets, new ones or in place of what was there. */
export async function upsertAssets(
  transaction: Transaction<Tables>,
  assets: readonly StoredAsset[],
): Promise<void> {
  await transaction
    .insertInto('inventory_assets')
    .values(
      assets.map(({ sightings, states, histories, events, ...asset }) => ({
        ...asset,
        sightings: bufferOf(sightings),
        states: bufferOf(states),
        histories: bufferOf(histories),
        events: bufferOf(events),
      })),
    )
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        name: eb.ref('excluded.name'),
        facts: eb.ref('excluded.facts'),
        software: eb.ref('excluded.software'),
        sightings: eb.ref('excluded.sightings'),
        states: eb.ref('excluded.states'),
        histories: eb.ref('excluded.histories'),
        events: eb.ref('excluded.events'),
        outputs: eb.ref('excluded.outputs'),
      })),
    )
    .execute();
}

function assetOf<Row extends Omit<Tables['inventory_assets'], 'software'>>(
  row: Row,
): Row & Omit<StoredAsset, 'software'> {
  return {
    ...row,
    sightings: bytesOf(row.sightings),
    states: bytesOf(row.states),
    histories: bytesOf(row.histories),
    events: bytesOf(row.events),
  };
}
