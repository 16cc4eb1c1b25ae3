import { isSuspicious, shorten } from '@nmcp/schema';
import { unpackHistories } from '../history.ts';
import type { InventoryView, ViewedAsset } from '../inventory_view.ts';
import { textOf, unpackOutputs } from '../outputs.ts';
import { unpackSightings } from '../packed.ts';
import type { InventoryStore, StoredAsset } from '../store/inventory_store.ts';

/** Why there is no output where the finding may have had one. */
export const NO_OUTPUT = {
  later_scan: 'the last scan that saw it is not among those that you see',
  not_kept: 'that scan was taken in by an earlier version, which kept no output',
} as const;

/** What a finding said last, or why nobody knows; neither where it said nothing. */
export interface FindingOutput {
  text?: string;
  why?: keyof typeof NO_OUTPUT;
}

/** Where outputs are read. */
export type OutputsStore = Pick<InventoryStore, 'assetsOf' | 'outputsOf'>;

/**
 * Reads what findings said last, by their rows. A viewer that does not see the scan that said it gets none: which scan that was is
 * read together with the text.
 */
export async function outputsOf(
  view: InventoryView,
  store: OutputsStore,
  rows: readonly number[],
): Promise<Map<number, FindingOutput>> {
  const assets = await assetsOf(
    store,
    new Set(rows.flatMap((row) => view.assets[view.hosts[row] ?? 0] ?? [])),
  );
  const packed = await store.outputsOf([...assets.values()]);
  const scans = new Map(view.scans.map((scan) => [scan.id, scan]));
  const read = new Map([...assets].map(([place, asset]) => [place, saidOf(asset, packed.get(asset.id))]));
  const found = new Map<number, FindingOutput>();
  for (const row of rows) {
    const said = read.get(placeOf(view.assets[view.hosts[row] ?? 0]));
    const kind = view.kinds[view.variants[row] ?? 0]?.id ?? 0;
    const scan = scans.get(said?.scanOf.get(kind) ?? 0);
    const text = said?.texts.get(kind);
    if (!scan) found.set(row, { why: 'later_scan' });
    else if (text) found.set(row, { text: textOf(text) });
    else if (!scan.hasOutputs) found.set(row, { why: 'not_kept' });
  }
  return found;
}

/** Assets as they stand now, by their places. */
async function assetsOf(
  store: OutputsStore,
  viewed: ReadonlySet<ViewedAsset>,
): Promise<Map<string, StoredAsset>> {
  const zones = new Map<string, string[]>();
  for (const { zone, identity } of viewed) zones.set(zone, [...(zones.get(zone) ?? []), identity]);
  const found = new Map<string, StoredAsset>();
  for (const [zone, identities] of zones)
    for (const asset of await store.assetsOf(zone, identities)) found.set(placeOf(asset), asset);
  return found;
}

function placeOf(asset: Pick<StoredAsset, 'zone' | 'identity'> | undefined): string {
  return JSON.stringify([asset?.zone, asset?.identity]);
}

/** What an asset's findings said last, and the scans that saw them last, by the numbers of their kinds. */
function saidOf(
  { sightings, histories }: StoredAsset,
  packed: Uint8Array | undefined,
): { texts: ReturnType<typeof unpackOutputs>; scanOf: Map<number, number | undefined> } {
  const reached = unpackSightings(sightings);
  const last = unpackHistories(histories).map(({ kind, runs }) => {
    const place = (runs.at(-1) ?? 0) - 1;
    return [kind, reached[place]?.scan] as const;
  });
  return { texts: unpackOutputs(packed), scanOf: new Map(last) };
}

/** Fields of a finding that say what it said, its text cut at so many characters. */
export function outputFields(
  output: FindingOutput | undefined,
  most: number,
): { suspicious_text?: true; plugin_output?: string; no_output?: string } {
  if (output?.text === undefined) return output?.why ? { no_output: NO_OUTPUT[output.why] } : {};
  const { text } = output;
  return {
    ...(isSuspicious(text) ? { suspicious_text: true as const } : {}),
    plugin_output: shorten(text, most),
  };
}
