import type { Kysely, Transaction } from 'kysely';
import type { AcceptedRisk } from '../accepted_risk.ts';
import type { Tables } from './tables.ts';

export async function readRisks(db: Kysely<Tables>): Promise<AcceptedRisk[]> {
  const rows = await db.selectFrom('inventory_risks').selectAll().orderBy('id').execute();
  return rows.map(({ plugin, cve, host, created_at, until, ...row }) => ({
    ...row,
    ...(plugin === null ? {} : { plugin }),
    ...(cve === null ? {} : { cve }),
    ...(host === null ? {} : { host }),
    until: Number(until),
    createdAt: Number(created_at),
  }));
}

export async function insertRisk(
  transaction: Transaction<Tables>,
  { plugin, cve, host, createdAt, ...risk }: AcceptedRisk,
): Promise<void> {
  await transaction
    .insertInto('inventory_risks')
    .values({
      ...risk,
      plugin: plugin ?? null,
      cve: cve ?? null,
      host: host ?? null,
      created_at: createdAt,
    })
    .execute();
}

/** @returns whether there was one */
export async function deleteRisk(transaction: Transaction<Tables>, id: string): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('inventory_risks')
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
