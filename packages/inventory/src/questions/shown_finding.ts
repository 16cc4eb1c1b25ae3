import { type Finding, shorten } from '@nmcp/schema';
import type { AcceptedRisk } from '../accepted_risk.ts';
import { findingIdOf } from '../finding_id.ts';
import type { FindingStatus, NotLooked } from '../finding_state.ts';
import type { InventoryView } from '../inventory_view.ts';
import { reasonsFor } from '../signals.ts';

/** A finding over time, as it is shown. */
export interface FoundFinding {
  type: 'vulnerability';
  /** Over all scans. */
  id: string;
  host: string;
  plugin_id: string;
  plugin_name: string;
  severity: string;
  port: string;
  protocol: string;
  cve?: string[];
  cves_left_out?: number;
  state: FindingStatus;
  first_seen: string;
  last_seen: string;
  fixed_at?: string;
  days_open?: number;
  times_reopened?: number;
  /** Why it may be gone without anybody having seen it. */
  not_looked?: NotLooked;
  away_since?: string;
  overdue?: true;
  accepted?: { reason: string; person: string; until: string };
  owner?: string;
  tags?: readonly string[];
  why_urgent?: string[];
  solution?: string;
  /** Ids of tasks. */
  first_scan?: string | undefined;
  last_scan?: string | undefined;
  fixed_scan?: string | undefined;
  /** What the check saw, as the last scan that saw the finding has it; of a compliance check, the value that it found. */
  plugin_output?: string;
  /** It addresses an assistant, or names a tool. */
  suspicious_text?: true;
  /** Why it is not known. */
  no_output?: string;
}

const TITLE_LENGTH = 120;
const SOLUTION_LENGTH = 200;
const MOST_CVES = 6;

/** A finding over time. */
export function shownFinding(
  view: InventoryView,
  row: number,
  { now, risk }: { now: number; risk: AcceptedRisk | undefined },
): FoundFinding | Record<string, never> {
  const asset = view.assets[view.hosts[row] ?? 0];
  const kind = view.kinds[view.variants[row] ?? 0];
  if (!asset || !kind) return {};
  const { brief, signals, severity } = kind;
  const { status, notLooked, reopened } = view.stateOf(row);
  const [first, last, fixed] = [view.firstSeen[row] ?? 0, view.lastSeen[row] ?? 0, view.fixedAt[row] ?? 0];
  const scanAt = (at: number): string | undefined => {
    const sighting = asset.sightings.find((each) => each.at === at);
    return view.scans.find(({ id }) => id === sighting?.scan)?.taskId;
  };
  const cves = [brief.cve ?? []].flat().map(String);
  return {
    type: 'vulnerability',
    id: findingIdOf({ ...asset, key: kind.key }),
    host: asset.name,
    plugin_id: brief.plugin_id ?? '',
    plugin_name: shorten(String([brief.plugin_name].flat()[0] ?? ''), TITLE_LENGTH),
    severity: String(severity),
    port: brief.port ?? '',
    protocol: brief.protocol ?? '',
    ...(cves.length === 0 ? {} : { cve: cves.slice(0, MOST_CVES) }),
    ...(cves.length > MOST_CVES ? { cves_left_out: cves.length - MOST_CVES } : {}),
    state: status,
    first_seen: isoOf(first),
    last_seen: isoOf(last),
    ...(fixed > 0
      ? { fixed_at: isoOf(fixed) }
      : { days_open: Math.max(0, Math.floor((now - first) / 86_400)) }),
    ...(reopened > 0 ? { times_reopened: reopened } : {}),
    ...(notLookedNow(notLooked, asset.awaySince, fixed) ?? {}),
    ...(view.isOverdue(row, now) ? { overdue: true } : {}),
    ...(risk && fixed === 0
      ? { accepted: { reason: risk.reason, person: risk.person, until: isoOf(risk.until) } }
      : {}),
    ...(asset.owner === undefined ? {} : { owner: asset.owner }),
    ...(asset.tags.length === 0 ? {} : { tags: asset.tags }),
    ...(reasonsFor(signals).length === 0 ? {} : { why_urgent: reasonsFor(signals) }),
    ...solutionOf(brief),
    first_scan: scanAt(first),
    last_scan: scanAt(last),
    ...(fixed > 0 ? { fixed_scan: scanAt(fixed) } : {}),
  };
}

/** Why an open finding may be gone without anybody having seen it. */
function notLookedNow(
  reason: NotLooked | undefined,
  awaySince: number | undefined,
  fixed: number,
): Pick<FoundFinding, 'not_looked' | 'away_since'> | undefined {
  if (fixed > 0) return undefined;
  if (awaySince !== undefined) return { not_looked: 'host_away', away_since: isoOf(awaySince) };
  return reason === undefined ? undefined : { not_looked: reason };
}

function solutionOf({ solution }: Finding): { solution?: string } {
  const text = [solution ?? []].flat().join(' ');
  return text === '' ? {} : { solution: shorten(text, SOLUTION_LENGTH) };
}

/** Seconds since 1970 as ISO 8601. */
export function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
