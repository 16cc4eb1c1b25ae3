import { findingIdOf, readFindingId } from '../finding_id.ts';
import { type FindingKey, readKey } from '../finding_key.ts';
import type { NotLooked } from '../finding_state.ts';
import { coverTest, type InventoryView, type ViewedAsset } from '../inventory_view.ts';

/** A finding that is to be verified. */
export interface FindingToVerify extends FindingKey {
  /** The asset's address, or its name where it states none. */
  host: string;
  /** All that it is called. */
  names: readonly string[];
}

/** A finding by its id; `undefined` where the viewer sees none with it. */
export function findingToVerify(view: InventoryView, { id }: { id: string }): FindingToVerify | undefined {
  const place = readFindingId(id);
  if (!place) return undefined;
  const asset = view.assets.find(({ zone, identity }) => zone === place.zone && identity === place.identity);
  if (!asset || rowOf(view, asset, place.key) === undefined) return undefined;
  const names = view.names[view.assets.indexOf(asset)]?.map(({ host }) => String(host)) ?? [];
  return { ...readKey(place.key), host: String([asset.facts.host_ip ?? asset.name].flat()[0]), names };
}

function rowOf(view: InventoryView, { rows: [start, end] }: ViewedAsset, key: string): number | undefined {
  for (let row = start; row < end; row++) if (view.kinds[view.variants[row] ?? 0]?.key === key) return row;
  return undefined;
}

/** What came of a scan that was to verify something. */
export const VERDICTS = ['fixed', 'still_there', 'could_not_look'] as const;

/** A finding, and what a scan says of it. */
export interface VerifiedFinding {
  id: string;
  verdict: (typeof VERDICTS)[number];
  /** Why it could not look. */
  not_looked?: NotLooked;
}

/** What a scan of some plugins says of the findings that were known, and of those that it found. */
export interface Verified extends Record<(typeof VERDICTS)[number], number> {
  findings: VerifiedFinding[];
  findings_left_out?: number;
}

/** What is to be verified by which scan. */
export interface VerifyQuery {
  taskId: string;
  plugins: readonly number[];
  /** This one alone. */
  finding?: string | undefined;
}

const MOST_FINDINGS = 20;

/** What a scan has verified; `undefined` where the inventory does not have it yet. */
export function verified(
  view: InventoryView,
  { taskId, plugins, finding }: VerifyQuery,
): Verified | undefined {
  const scan = view.scans.find((each) => each.taskId === taskId);
  if (!scan) return undefined;
  const covers = coverTest(scan.targets);
  const isMeant = view.kinds.map(({ key }) => plugins.includes(readKey(key).plugin));
  const found: VerifiedFinding[] = [];
  for (const asset of view.assets) {
    const sighting = asset.sightings.find((each) => each.scan === scan.id);
    const isTarget = sighting !== undefined || covers?.(String(asset.facts.host_ip ?? asset.name)) === true;
    if (asset.zone !== scan.zone || !isTarget) continue;
    for (let row = asset.rows[0]; row < asset.rows[1]; row++) {
      const kind = view.variants[row] ?? 0;
      if (!isMeant[kind]) continue;
      const id = findingIdOf({ ...asset, key: view.kinds[kind]?.key ?? '' });
      if (finding === undefined || finding === id) found.push({ id, ...verdictOn(view, row, sighting?.at) });
    }
  }
  const count = (verdict: string): number => found.filter((each) => each.verdict === verdict).length;
  return {
    ...{ fixed: count('fixed'), still_there: count('still_there'), could_not_look: count('could_not_look') },
    findings: found.slice(0, MOST_FINDINGS),
    ...(found.length > MOST_FINDINGS ? { findings_left_out: found.length - MOST_FINDINGS } : {}),
  };
}

/** @param at when the scan reached the asset; `undefined` where it did not */
function verdictOn(
  view: InventoryView,
  row: number,
  at: number | undefined,
): Pick<VerifiedFinding, 'verdict' | 'not_looked'> {
  if (at === undefined) return { verdict: 'could_not_look', not_looked: 'host_away' };
  if ((view.lastSeen[row] ?? 0) >= at) return { verdict: 'still_there' };
  if (view.isFixed(row)) return { verdict: 'fixed' };
  return { verdict: 'could_not_look', not_looked: view.stateOf(row).notLooked ?? 'plugin' };
}
