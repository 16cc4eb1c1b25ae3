import { NmcpError } from '@nmcp/types';
import { OutputStage } from './apply/output_stage.ts';
import type { ScanEvidence } from './evidence.ts';
import { readKey } from './finding_key.ts';
import type { Sighting } from './finding_state.ts';
import { isWithin, packHistories, runsOf, unpackHistories } from './history.ts';
import { type AssetHistory, judge, packJudgement } from './judge.ts';
import { type StoredTexts, unpackOutputs } from './outputs.ts';
import { packSightings, unpackSightings } from './packed.ts';
import type { InventoryStore, StoredAsset } from './store/inventory_store.ts';

/** Attempts, while others change the inventory. */
const ATTEMPTS = 20;

/**
 * Makes two assets one that turned out to be the same machine: the first keeps its identity, and both of their histories are its.
 *
 * @throws {NmcpError} `not_found` for one that there is not, `invalid_input` for an asset with itself
 */
export async function mergeAssets(
  store: InventoryStore,
  zone: string,
  [identity, other]: readonly [string, string],
): Promise<void> {
  if (identity === other)
    throw new NmcpError(
      'invalid_input',
      `${identity} is one asset; name another one that is the same machine`,
    );
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const from = await store.version();
    const [kept, gone] = await Promise.all([identity, other].map((each) => requireAsset(store, zone, each)));
    if (!kept || !gone) return;
    const merged = await mergedOf(store, kept, gone);
    if (await store.commit({ from, kinds: [], assets: [merged], removed: [gone.id] })) return;
  }
  throw new NmcpError('unavailable', 'The inventory is changed by others all the time; try again');
}

async function requireAsset(store: InventoryStore, zone: string, identity: string): Promise<StoredAsset> {
  const [asset] = await store.assetsOf(zone, [identity]);
  if (asset) return asset;
  throw new NmcpError('not_found', `The zone ${zone} has no asset ${JSON.stringify(identity.slice(0, 100))}`);
}

async function mergedOf(store: InventoryStore, kept: StoredAsset, gone: StoredAsset): Promise<StoredAsset> {
  const kinds = new Map(
    (await store.kindKeys()).map(({ id, key, severity }) => [id, { key: readKey(key), text: key, severity }]),
  );
  const keyOf = (kind: number): string => kinds.get(kind)?.text ?? '';
  const stage = new OutputStage(store);
  const known = await stage.next([kept, gone]);
  const [outputs, others] = [kept, gone].map(({ id }) => unpackOutputs(known.get(id)));
  const history = joined({ ...historyOf(kept), outputs }, { ...historyOf(gone), outputs: others }, keyOf);
  const evidence: Map<number, ScanEvidence> = await store.evidence(history.sightings.map(({ scan }) => scan));
  const judgement = judge(history, evidence, {
    keyOf: (kind) => kinds.get(kind)?.key ?? readKey(''),
    severityOf: (kind) => kinds.get(kind)?.severity ?? 0,
  });
  const last = (asset: StoredAsset): number => unpackSightings(asset.sightings).at(-1)?.at ?? 0;
  const newest = last(gone) > last(kept) ? gone : kept;
  const said = stage.put(kept, () => history.outputs);
  await stage.flush();
  return {
    ...kept,
    ...{ name: newest.name, facts: newest.facts, software: newest.software },
    sightings: packSightings(history.sightings),
    histories: packHistories(history.histories),
    ...packJudgement(judgement),
    outputs: said,
  };
}

function historyOf({ sightings, histories }: StoredAsset): AssetHistory {
  return { sightings: unpackSightings(sightings), histories: unpackHistories(histories) };
}

/** A history with what its findings said last. */
interface SaidHistory extends AssetHistory {
  outputs: StoredTexts | undefined;
}

/** Both histories as one; a scan that reached both reached it once, with the better login. */
function joined(
  a: SaidHistory,
  b: SaidHistory,
  keyOf: (kind: number) => string,
): AssetHistory & { outputs: StoredTexts } {
  const byScan = new Map<number, Sighting>();
  for (const sighting of [...a.sightings, ...b.sightings]) {
    const known = byScan.get(sighting.scan);
    byScan.set(sighting.scan, known ? { ...known, login: Math.max(known.login, sighting.login) } : sighting);
  }
  const sightings = [...byScan.values()].sort((one, two) => one.at - two.at || one.scan - two.scan);
  const placeOf = new Map(sightings.map(({ scan }, place) => [scan, place]));
  const seen = new Map<string, { kind: number; last: number; output?: Uint8Array; scans: Set<number> }>();
  for (const { histories, outputs, ...history } of [a, b])
    for (const { kind, runs } of histories) {
      const scans = history.sightings.filter((_, place) => isWithin(runs, place));
      const last = placeOf.get(scans.at(-1)?.scan ?? 0) ?? -1;
      const known = seen.get(keyOf(kind)) ?? { kind, last: -1, scans: new Set() };
      const output = outputs?.get(kind);
      // of a scan that saw it on both, what it said of the first counts
      if (last > known.last || (last === known.last && output && !known.output))
        Object.assign(known, { kind, last, output });
      for (const { scan } of scans) known.scans.add(scan);
      seen.set(keyOf(kind), known);
    }
  return {
    sightings,
    histories: [...seen.values()].map(({ kind, scans }) => ({
      kind,
      runs: runsOf(sightings.map(({ scan }) => scans.has(scan))),
    })),
    outputs: new Map([...seen.values()].flatMap(({ kind, output }) => (output ? [[kind, output]] : []))),
  };
}
