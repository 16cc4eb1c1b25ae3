import { severityName } from '@nmcp/schema';
import type { SeverityBreakdown } from '@nmcp/types';
import type { AssetSoftware } from '../asset_facts.ts';
import type { InventoryView, ViewedAsset } from '../inventory_view.ts';
import { readEvents } from '../packed.ts';
import type { InventoryStore } from '../store/inventory_store.ts';
import { isoOf } from './shown_finding.ts';

/** A scan that reached an asset, and what was known after it. */
export interface AssetScan {
  at: string;
  task_id: string | undefined;
  scan_name: string | undefined;
  login: 'none' | 'partial' | 'success';
  /** What changed on its day, above info, where something did; it stands with the last scan of the day. */
  new?: number;
  fixed?: number;
  reopened?: number;
  /** Open findings above info, after the last scan of a day. */
  open?: Omit<SeverityBreakdown, 'info'>;
}

/** What there is to say of an asset that was found alone. */
export interface AssetDetails {
  services?: string[];
  software?: string[];
  /** Newest first. */
  history?: AssetScan[];
  scans_left_out?: number;
}

const LOGINS = ['none', 'partial', 'success'] as const;
const MOST_LISTED = 60;
/** Half a year of weekly scans. */
const MOST_SCANS = 26;
const DAY = 86_400;

/** What else there is to say of one asset. */
export async function detailsOf(
  view: InventoryView,
  asset: ViewedAsset | undefined,
  store: Pick<InventoryStore, 'software'>,
): Promise<AssetDetails> {
  if (!asset) return {};
  const json = (await store.software('', [asset.id])).get(asset.id);
  const { software = [] } = json ? (JSON.parse(json) as { software: AssetSoftware[] }) : {};
  const services = (asset.facts.services ?? []).map(
    ({ port, protocol, name }) => `${port}/${protocol}${name ? ` ${name}` : ''}`,
  );
  const history = historyOf(view, asset).reverse();
  return {
    services: cut(services),
    ...(software.length === 0 ? {} : { software: cut(software.map(softwareName)) }),
    history: history.slice(0, MOST_SCANS),
    ...(history.length > MOST_SCANS ? { scans_left_out: history.length - MOST_SCANS } : {}),
  };
}

/** A program and its version. */
export function softwareName({ name, version }: AssetSoftware): string {
  return version ? `${name} ${version}` : name;
}

function cut(texts: string[]): string[] {
  return texts.length > MOST_LISTED
    ? [...texts.slice(0, MOST_LISTED), `… ${texts.length - MOST_LISTED} more`]
    : texts;
}

/** What happened on a day, by severity. */
interface DayChanges {
  counts: { new?: number; fixed?: number; reopened?: number };
  open: number[];
}

/** Oldest first. */
function historyOf(view: InventoryView, { events, sightings }: ViewedAsset): AssetScan[] {
  const scans = new Map(view.scans.map((scan) => [scan.id, scan]));
  const days = new Map<number, DayChanges>();
  readEvents(events, ({ day, what, severity, count }) => {
    if (severity === 0) return;
    const changes = days.get(day) ?? { counts: {}, open: [0, 0, 0, 0, 0] };
    days.set(day, changes);
    const name = what === 'opened' ? 'new' : what;
    changes.counts[name] = (changes.counts[name] ?? 0) + count;
    changes.open[severity] = (changes.open[severity] ?? 0) + (what === 'fixed' ? -count : count);
  });
  const open: SeverityBreakdown = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  return sightings.map(({ scan, at, login }, i): AssetScan => {
    const day = Math.floor(at / DAY);
    const isLastOfDay = Math.floor((sightings[i + 1]?.at ?? Number.POSITIVE_INFINITY) / DAY) !== day;
    const reached: AssetScan = {
      ...{ at: isoOf(at), task_id: scans.get(scan)?.taskId, scan_name: scans.get(scan)?.name },
      login: LOGINS[login] ?? 'none',
    };
    if (!isLastOfDay) return reached;
    const changes = days.get(day);
    for (const [severity, by] of changes?.open.entries() ?? []) open[severityName(severity) ?? 'info'] += by;
    const { info: _, ...above } = open;
    return { ...reached, ...changes?.counts, open: above };
  });
}
