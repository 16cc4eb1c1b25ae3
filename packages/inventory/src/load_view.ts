import type { Finding } from '@nmcp/schema';
import { NmcpError } from '@nmcp/types';
import type { AssetRules } from './asset_rules.ts';
import { FeedReader } from './feeds/feed.ts';
import { readKey } from './finding_key.ts';
import { unpackHistories } from './history.ts';
import { AwayFinder, groupsOf, InventoryView, type ViewedAsset, type ViewedKind } from './inventory_view.ts';
import { type AssetHistory, historyWithin, type JudgedKinds, judge, packJudgement } from './judge.ts';
import { numbersOf, unpackSightings } from './packed.ts';
import { signalsOf, withFeeds } from './signals.ts';
import type { InventoryStore, StoredAsset, StoredScan } from './store/inventory_store.ts';

/** Who looks: what scans a view is made of. */
export interface Viewer {
  /** Whose scans are seen; absent: everybody's. */
  owner?: string | undefined;
  /** Pools whose scans are seen whoever requested them. @default none */
  pools?: readonly string[] | 'all' | undefined;
}

/** Whether a scan is one of those that a viewer sees. */
export function sees({ owner, pools }: Viewer, scan: Pick<StoredScan, 'owner' | 'pool'>): boolean {
  return (
    owner === undefined || scan.owner === owner || pools === 'all' || (pools?.includes(scan.pool) ?? false)
  );
}

/** Attempts to read a state that nobody changes meanwhile. */
const ATTEMPTS = 5;

/**
 * Reads the inventory as a viewer sees it: what became of findings follows from the scans that the viewer sees, and from no
 * others.
 *
 * @throws {NmcpError} of the store
 */
export async function loadView(
  store: InventoryStore,
  rules: AssetRules,
  viewer: Viewer,
): Promise<InventoryView> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const version = await store.version();
    const view = await readView(store, rules, viewer, version);
    if ((await store.version()) === version) return view;
  }
  throw new NmcpError('unavailable', 'The inventory changes all the time; try again');
}

async function readView(
  store: InventoryStore,
  rules: AssetRules,
  viewer: Viewer,
  version: number,
): Promise<InventoryView> {
  const all = await store.scans();
  const scans = all.filter((scan) => sees(viewer, scan));
  const feeds = new FeedReader(await store.feeds());
  const kinds = (await store.kinds()).map(({ id, key, severity, brief, full }): ViewedKind => {
    const finding: Finding = JSON.parse(brief);
    const signals = withFeeds(signalsOf(finding), finding, feeds);
    return { id, key, severity, brief: finding, full, signals };
  });
  const judged = scans.length === all.length ? asStored : await judgedWithin(store, scans, kinds);
  const away = new AwayFinder(scans);
  const assets: ViewedAsset[] = [];
  const states: Uint32Array[] = [];
  let rows = 0;
  for await (const some of store.assets())
    for (const stored of some) {
      const found = judged(stored);
      if (!found) continue;
      const sightings = found.sightings;
      const numbers = numbersOf(found.states);
      const end = rows + numbers.length / 5;
      const { id, zone, identity, name } = stored;
      const facts: ViewedAsset['facts'] = found.isCurrent
        ? JSON.parse(stored.facts)
        : { credentialed: 'none', host_ip: identity }; // what others' scans say of it is theirs
      const asset = { id, zone, identity, name, facts };
      const lastSeen = sightings.at(-1)?.at ?? 0;
      assets.push({
        ...{ ...asset, sightings, lastSeen, firstSeen: sightings[0]?.at ?? 0, events: found.events },
        ...{ ...groupsOf(asset, rules), rows: [rows, end] },
        awaySince: away.awaySince({ ...asset, lastSeen }),
      });
      states.push(numbers);
      rows = end;
    }
  const columns = joined(states, rows * 5);
  return new InventoryView({ version, scans, assets, kinds, states: columns, rules, feeds: feeds.dates });
}

type Judged = Pick<ViewedAsset, 'sightings' | 'events'> & {
  states: Uint8Array;
  /** The last scan that reached it is one of those that are seen. */
  isCurrent: boolean;
};
type Judge = (asset: Omit<StoredAsset, 'software'>) => Judged | undefined;

const asStored: Judge = ({ sightings, states, events }) => ({
  sightings: unpackSightings(sightings),
  states,
  events,
  isCurrent: true,
});

/** What became of findings by some of the scans. */
async function judgedWithin(
  store: InventoryStore,
  scans: readonly StoredScan[],
  kinds: readonly ViewedKind[],
): Promise<Judge> {
  const evidence = await store.evidence(scans.map(({ id }) => id));
  const byId = new Map(kinds.map((kind) => [kind.id, { key: readKey(kind.key), severity: kind.severity }]));
  const known: JudgedKinds = {
    keyOf: (kind) => byId.get(kind)?.key ?? readKey(''),
    severityOf: (kind) => byId.get(kind)?.severity ?? 0,
  };
  return ({ sightings, histories }) => {
    const whole: AssetHistory = {
      sightings: unpackSightings(sightings),
      histories: unpackHistories(histories),
    };
    const within = historyWithin(whole, (scan) => evidence.has(scan));
    if (!within) return undefined;
    const isCurrent = within.sightings.at(-1)?.scan === whole.sightings.at(-1)?.scan;
    return { sightings: within.sightings, isCurrent, ...packJudgement(judge(within, evidence, known)) };
  };
}

function joined(parts: readonly Uint32Array[], length: number): Uint32Array {
  const whole = new Uint32Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
