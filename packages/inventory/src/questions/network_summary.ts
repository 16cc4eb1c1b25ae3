import type { SeverityBreakdown } from '@nmcp/types';
import type { InventoryView } from '../inventory_view.ts';
import { feedsOf } from './search_findings.ts';
import { type AssetPlace, assetTest, type Knowledge, selectFindings } from './select_findings.ts';
import { isoOf } from './shown_finding.ts';

/** How some assets stand now; findings are open ones. */
export interface StandingCounts {
  assets: number;
  /** Reached by a scan within {@linkcode COVERED_DAYS}. */
  assets_covered: number;
  /** Assets by how the login of their last scan went. */
  logins: Record<'success' | 'partial' | 'failed' | 'none', number>;
  open: SeverityBreakdown;
  /** Open for longer than allowed. */
  overdue: SeverityBreakdown;
  /** Days for which they have been open, together. */
  days_open: SeverityBreakdown;
  /** Above info, on CISA's list of exploited vulnerabilities. */
  kev: number;
}

/** How the network stands now. */
export interface NetworkSummary extends StandingCounts {
  zones: Record<string, StandingCounts>;
  /** What became more and less on the assets that were known then; absent where there is nothing to compare with. */
  change?: { since: string; by: SeverityBreakdown };
  /** Dates of the operator's feeds. */
  feeds?: InventoryView['feeds'];
  /** Why there is nothing. */
  why_empty?: string;
}

/** Days for which an asset counts as looked at. */
export const COVERED_DAYS = 30;
/** By their numbers. */
const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
const DAY = 86_400;
/** Seconds that a change is about. */
const CHANGE = 7 * DAY;

/** Counts what is open, overdue, exploited and looked at, by zone and altogether. @throws {NmcpError} `invalid_input` */
export function networkSummary(view: InventoryView, query: AssetPlace, known: Knowledge): NetworkSummary {
  const { now } = known;
  const isAsset = assetTest(view, query);
  const zones = new Map<string, StandingCounts>();
  const ofAsset = view.assets.map(({ zone, lastSeen, facts }, place): StandingCounts | undefined => {
    if (isAsset && isAsset[place] !== 1) return undefined;
    const own = zones.get(zone) ?? noCounts();
    zones.set(zone, own);
    own.assets++;
    if (now - lastSeen <= COVERED_DAYS * DAY) own.assets_covered++;
    own.logins[facts.credentialed]++;
    return own;
  });
  const { rows } = selectFindings(view, { ...query, state: 'open' }, known);
  const isListed = view.kinds.map(({ signals, severity }) => severity > 0 && signals.kev !== undefined);
  for (const row of rows) {
    const counts = ofAsset[view.hosts[row] ?? 0];
    if (!counts) continue;
    const kind = view.variants[row] ?? 0;
    const severity = SEVERITIES[view.severities[kind] ?? 0] ?? 'info';
    counts.open[severity]++;
    counts.days_open[severity] += Math.max(0, Math.floor((now - (view.firstSeen[row] ?? 0)) / DAY));
    if (view.isOverdue(row, now)) counts.overdue[severity]++;
    if (isListed[kind]) counts.kev++;
  }
  const total = [...zones.values()].reduce(sumOf, noCounts());
  const change = changeOf(view, rows, isAsset, now);
  return {
    ...total,
    zones: Object.fromEntries(zones),
    ...feedsOf(view),
    ...(change ? { change } : {}),
    ...(total.assets === 0 ? { why_empty: whyEmpty(view) } : {}),
  };
}

function sumOf(a: StandingCounts, b: StandingCounts): StandingCounts {
  return {
    ...{
      assets: a.assets + b.assets,
      assets_covered: a.assets_covered + b.assets_covered,
      kev: a.kev + b.kev,
    },
    ...{ open: added(a.open, b.open), overdue: added(a.overdue, b.overdue) },
    ...{ days_open: added(a.days_open, b.days_open), logins: added(a.logins, b.logins) },
  };
}

function added<Counts extends { [name in keyof Counts]: number }>(a: Counts, b: Counts): Counts {
  const sum = { ...a };
  for (const name in sum) Object.assign(sum, { [name]: sum[name] + b[name] });
  return sum;
}

function noCounts(): StandingCounts {
  return {
    ...{ assets: 0, assets_covered: 0, kev: 0 },
    ...{ open: noFindings(), overdue: noFindings(), days_open: noFindings() },
    logins: { success: 0, partial: 0, failed: 0, none: 0 },
  };
}

function noFindings(): SeverityBreakdown {
  return { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
}

/** Against a week ago, or in the first week against the first scan. What came back counts as it does in its state. */
function changeOf(
  view: InventoryView,
  open: Uint32Array,
  isAsset: Uint8Array | undefined,
  now: number,
): NetworkSummary['change'] {
  const [first] = view.scans;
  const last = view.scans.at(-1);
  if (!first || !last) return undefined;
  const since = Math.max(now - CHANGE, first.endedAt);
  if (first === last || last.endedAt < since) return undefined;
  const wasKnown = Uint8Array.from(view.assets, ({ firstSeen }, place) =>
    firstSeen <= since && (!isAsset || isAsset[place] === 1) ? 1 : 0,
  );
  const by = noFindings();
  const add = (row: number, step: number): void => {
    if (wasKnown[view.hosts[row] ?? 0] === 1)
      by[SEVERITIES[view.severities[view.variants[row] ?? 0] ?? 0] ?? 'info'] += step;
  };
  for (const row of open) if ((view.firstSeen[row] ?? 0) > since) add(row, 1);
  for (let row = 0; row < view.meta.findings; row++)
    if ((view.fixedAt[row] ?? 0) > since && (view.firstSeen[row] ?? 0) <= since) add(row, -1);
  return { since: isoOf(since), by };
}

/** Why an answer has no assets. */
export function whyEmpty({ assets, scans }: InventoryView): string {
  return scans.length === 0
    ? 'No scan is in the inventory yet; it takes in each scan that completes or is imported'
    : `No asset is in that network, or has that tag or owner; the inventory has ${assets.length}`;
}
