import type { Kysely } from 'kysely';
import type { ScanEvidence } from '../evidence.ts';
import { numbersOf } from '../packed.ts';
import { bytesOf, inChunks } from './row_bytes.ts';
import type { Tables } from './tables.ts';

/** What these scans say about what they looked at, by the numbers of the scans. */
export async function readEvidence(
  db: Kysely<Tables>,
  ids: readonly number[],
): Promise<Map<number, ScanEvidence>> {
  const found = new Map<number, ScanEvidence>();
  const sets = new Map<string, Uint32Array>();
  for (const some of inChunks(ids)) {
    const rows = await db
      .selectFrom('inventory_scans')
      .select(['id', 'partial', 'ports', 'reported_ports', 'reported_plugins', 'plugin_set'])
      .where('id', 'in', some)
      .execute();
    for (const row of rows)
      found.set(row.id, {
        partial: row.partial !== 0,
        ports: row.ports ?? undefined,
        reportedPorts: new Set(row.reported_ports.split(' ')),
        reported: new Set(numbersOf(bytesOf(row.reported_plugins))),
        plugins: await pluginSet(db, row.plugin_set, sets),
      });
  }
  return found;
}

async function pluginSet(
  db: Kysely<Tables>,
  hash: string | null,
  known: Map<string, Uint32Array>,
): Promise<Uint32Array> {
  const before = known.get(hash ?? '');
  if (hash === null || before) return before ?? new Uint32Array(0);
  const sets = db.selectFrom('inventory_plugin_sets').select('plugins');
  const row = await sets.where('hash', '=', hash).executeTakeFirst();
  const plugins = row ? numbersOf(bytesOf(row.plugins)) : new Uint32Array(0);
  known.set(hash, plugins);
  return plugins;
}
