import type { InventoryView } from '../inventory_view.ts';
import { readEvents } from '../packed.ts';
import { assetTest, type FindingsAsked, secondsOf } from './select_findings.ts';

/** For which assets, and since when. */
export interface TrendQuery extends Pick<FindingsAsked, 'network' | 'tag' | 'owner'> {
  /** ISO 8601. @default twelve weeks before now */
  since?: string | undefined;
}

/** A week, from Monday, in UTC. */
export interface TrendWeek {
  /** Its Monday, as `2026-11-23`. */
  week: string;
  new: number;
  fixed: number;
  reopened: number;
  /** Open at its end, above info. */
  open: number;
  /** The same of critical and high ones. */
  open_serious: number;
  /** Assets that a scan reached. */
  assets_seen: number;
}

/** How the network fares over time; findings above info. */
export interface Trend {
  weeks: TrendWeek[];
  /** Days from being seen first, or again, to being fixed, on average over the weeks; by severity. */
  days_to_fix: Readonly<Record<string, number | null>>;
  assets: number;
  /** Scans of these weeks. */
  scans: number;
  /** Why there is nothing. */
  why_empty?: string;
}

const DAY = 86_400;
const MONDAY = 4; // 1970-01-05
const WEEKS = 12;
const NAMES = ['info', 'low', 'medium', 'high', 'critical'];

/** Findings by week: new, fixed, reopened, open. @throws {NmcpError} `invalid_input` */
export function trend(view: InventoryView, { since, ...asked }: TrendQuery, now: number): Trend {
  const isAsset = assetTest(view, asked);
  const from = since === undefined ? weekOf(now) - WEEKS + 1 : weekOf(secondsOf(since));
  const last = weekOf(now);
  const count = Math.max(0, Math.min(last - from + 1, 520));
  const weeks = Array.from({ length: count }, (_, i) => ({
    ...{ week: dayOf(from + i), new: 0, fixed: 0, reopened: 0, open: 0, open_serious: 0 },
    assets_seen: 0,
  }));
  let [open, serious] = [0, 0];
  const changes = weeks.map(() => ({ open: 0, serious: 0 }));
  const fixes = NAMES.map(() => ({ count: 0, days: 0 }));
  let assets = 0;
  for (const [place, asset] of view.assets.entries()) {
    if (isAsset && isAsset[place] !== 1) continue;
    assets++;
    for (const seen of new Set(asset.sightings.map(({ at }) => weekOf(at) - from))) {
      const week = weeks[seen];
      if (week) week.assets_seen++;
    }
    readEvents(asset.events, ({ day, what, severity, count: findings, openDays }) => {
      if (severity === 0) return;
      const at = weekOf(day * DAY) - from;
      const step = what === 'fixed' ? -findings : findings;
      if (at < 0) {
        open += step;
        if (severity >= 3) serious += step;
        return;
      }
      const [week, change] = [weeks[at], changes[at]];
      if (!week || !change) return;
      week[what === 'opened' ? 'new' : what] += findings;
      change.open += step;
      if (severity >= 3) change.serious += step;
      const fix = fixes[severity];
      if (what !== 'fixed' || !fix) return;
      fix.count += findings;
      fix.days += openDays;
    });
  }
  weeks.forEach((week, i) => {
    open += changes[i]?.open ?? 0;
    serious += changes[i]?.serious ?? 0;
    [week.open, week.open_serious] = [open, serious];
  });
  const scans = view.scans.filter(({ endedAt }) => weekOf(endedAt) >= from).length;
  return {
    weeks: assets === 0 ? [] : weeks,
    days_to_fix: Object.fromEntries(
      fixes
        .map((fix, i) => [NAMES[i], fix.count === 0 ? null : Math.round((fix.days / fix.count) * 10) / 10])
        .slice(1),
    ),
    ...{ assets, scans },
    ...(assets > 0 ? {} : { why_empty: whyEmpty(view) }),
  };
}

function whyEmpty({ assets, scans }: InventoryView): string {
  return scans.length === 0
    ? 'No scan is in the inventory yet; it takes in each scan that completes or is imported'
    : `No asset is in that network, or has that tag or owner; the inventory has ${assets.length}`;
}

function weekOf(seconds: number): number {
  return Math.floor((Math.floor(seconds / DAY) - MONDAY) / 7);
}

function dayOf(week: number): string {
  return new Date((week * 7 + MONDAY) * DAY * 1000).toISOString().slice(0, 10);
}
