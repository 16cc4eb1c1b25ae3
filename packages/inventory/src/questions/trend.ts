import { LOGIN_RANKS } from '@nmcp/results';
import type { InventoryView } from '../inventory_view.ts';
import { readEvents } from '../packed.ts';
import { whyEmpty } from './network_summary.ts';
import { type AssetPlace, assetTest, secondsOf } from './select_findings.ts';

/** For which assets, and since when. */
export interface TrendQuery extends AssetPlace {
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
  /** Of them. */
  critical: number;
  high: number;
  medium: number;
  low: number;
  /** Assets that a scan reached. */
  assets_seen: number;
  /** Of them: where a login worked wholly. */
  logged_in: number;
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
    ...{ week: dayOf(from + i), new: 0, fixed: 0, reopened: 0, open: 0 },
    ...{ critical: 0, high: 0, medium: 0, low: 0, assets_seen: 0, logged_in: 0 },
  }));
  const open = NAMES.map(() => 0);
  const changes = weeks.map(() => NAMES.map(() => 0));
  const fixes = NAMES.map(() => ({ count: 0, days: 0 }));
  let assets = 0;
  for (const [place, asset] of view.assets.entries()) {
    if (isAsset && isAsset[place] !== 1) continue;
    assets++;
    const seen = new Map<TrendWeek, number>();
    for (const { at, login } of asset.sightings) {
      const week = weeks[weekOf(at) - from];
      if (week) seen.set(week, Math.max(login, seen.get(week) ?? 0));
    }
    for (const [week, login] of seen) {
      week.assets_seen++;
      if (login === LOGIN_RANKS.success) week.logged_in++;
    }
    readEvents(asset.events, ({ day, what, severity, count: findings, openDays }) => {
      if (severity === 0) return;
      const at = weekOf(day * DAY) - from;
      const step = what === 'fixed' ? -findings : findings;
      const counts = at < 0 ? open : changes[at];
      if (!counts) return;
      counts[severity] = (counts[severity] ?? 0) + step;
      const week = weeks[at];
      if (!week) return;
      week[what === 'opened' ? 'new' : what] += findings;
      const fix = fixes[severity];
      if (what !== 'fixed' || !fix) return;
      fix.count += findings;
      fix.days += openDays;
    });
  }
  weeks.forEach((week, i) => {
    for (const severity of open.keys())
      open[severity] = (open[severity] ?? 0) + (changes[i]?.[severity] ?? 0);
    const [, low = 0, medium = 0, high = 0, critical = 0] = open;
    Object.assign(week, { open: low + medium + high + critical, critical, high, medium, low });
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

function weekOf(seconds: number): number {
  return Math.floor((Math.floor(seconds / DAY) - MONDAY) / 7);
}

function dayOf(week: number): string {
  return new Date((week * 7 + MONDAY) * DAY * 1000).toISOString().slice(0, 10);
}
