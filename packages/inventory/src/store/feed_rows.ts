import type { Kysely, Transaction } from 'kysely';
import { FEED_NAMES, type Feed } from '../feeds/feed.ts';
import { bufferOf, bytesOf } from './row_bytes.ts';
import type { Tables } from './tables.ts';

export async function readFeeds(db: Kysely<Tables>): Promise<Feed[]> {
  const rows = await db.selectFrom('inventory_feeds').selectAll().orderBy('name').execute();
  return rows.flatMap(({ name: text, pairs, ...row }) => {
    const name = FEED_NAMES.find((each) => each === text);
    return name === undefined ? [] : [{ ...row, name, pairs: bytesOf(pairs) }];
  });
}

export async function upsertFeed(transaction: Transaction<Tables>, feed: Feed): Promise<void> {
  await transaction
    .insertInto('inventory_feeds')
    .values({ ...feed, pairs: bufferOf(feed.pairs) })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({
        date: eb.ref('excluded.date'),
        entries: eb.ref('excluded.entries'),
        pairs: eb.ref('excluded.pairs'),
      })),
    )
    .execute();
}
