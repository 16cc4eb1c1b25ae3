import {
  type EmptyAnswer,
  type FindingGroup,
  GROUP_FIELDS,
  groupRows,
  isGroupField,
  windowOf,
} from '@nmcp/results';
import { estimateTokens, type Finding, severityName, shorten } from '@nmcp/schema';
import { type Filters, NmcpError, unknownName } from '@nmcp/types';
import type { InventoryView } from '../inventory_view.ts';
import { reasonsFor } from '../signals.ts';
import { type FindingsAsked, type Knowledge, selectFindings } from './select_findings.ts';

/** Which findings, and which of them. */
export interface SearchFindingsQuery extends FindingsAsked {
  /** Counts instead of findings: one of {@linkcode INVENTORY_GROUPS}. */
  group_by?: string | undefined;
  /** Groups. @default 10 */
  top?: number | undefined;
  /** From 1. @default 1 */
  page?: number | undefined;
  /** @default 20 */
  page_size?: number | undefined;
  /** As many findings as fit. */
  max_tokens?: number | undefined;
}

/** What findings of the inventory can be counted by. */
export const INVENTORY_GROUPS: readonly string[] = [...GROUP_FIELDS, 'owner', 'tag', 'zone', 'state'];

/** Findings, most urgent first, as lines of JSON: a head, the findings, and how to go on. */
export interface FoundFindings {
  lines: string[];
}

/** Findings, counted. */
export interface CountedFindings {
  state: string;
  filters_applied: Filters;
  matching_findings: number;
  matching_assets: number;
  total_groups: number;
  groups_left_out?: number;
  groups: FindingGroup[];
  empty?: EmptyAnswer;
}

const TITLE_LENGTH = 120;
const SOLUTION_LENGTH = 200;
const MOST_CVES = 6;

/** Findings over time, most urgent first. @throws {NmcpError} `invalid_input` */
export function searchFindings(
  view: InventoryView,
  query: SearchFindingsQuery,
  known: Knowledge,
): FoundFindings {
  const { page = 1, page_size: size = 20, max_tokens: room, state = 'open', filters = {} } = query;
  const { rows, empty } = selectFindings(view, query, known);
  const start = (page - 1) * size;
  const lines: string[] = [];
  let tokens = 150;
  for (const row of windowOf(rows, [view.urgency], start, start + size)) {
    const line = JSON.stringify(shownFinding(view, row, known.now));
    tokens += estimateTokens(line);
    if (room !== undefined && lines.length > 0 && tokens > room) break;
    lines.push(line);
  }
  const end = start + lines.length;
  const head = {
    ...{ type: 'schema', state, filters_applied: filters, matching_findings: rows.length },
    ...(empty ? { empty } : {}),
  };
  const isShort = lines.length < size && end < rows.length;
  const next = isShort
    ? {
        note: `max_tokens left out ${Math.min(size, rows.length - start) - lines.length} of this page; ask for a smaller page_size`,
      }
    : {};
  const pagination = {
    ...{ type: 'pagination', page, page_size: size, total_pages: Math.ceil(rows.length / size) },
    ...{ has_next: start + size < rows.length, ...next },
  };
  return { lines: [JSON.stringify(head), ...lines, JSON.stringify(pagination)] };
}

function shownFinding(view: InventoryView, row: number, now: number): object {
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
    host: asset.name,
    ...(view.hasZones ? { zone: asset.zone } : {}),
    plugin_id: brief.plugin_id,
    plugin_name: shorten(String([brief.plugin_name].flat()[0] ?? ''), TITLE_LENGTH),
    severity: String(severity),
    port: brief.port,
    protocol: brief.protocol,
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
  reason: string | undefined,
  awaySince: number | undefined,
  fixed: number,
): object | undefined {
  if (fixed > 0) return undefined;
  if (awaySince !== undefined) return { not_looked: 'host_away', away_since: isoOf(awaySince) };
  return reason === undefined ? undefined : { not_looked: reason };
}

function solutionOf({ solution }: Finding): { solution?: string } {
  const text = [solution ?? []].flat().join(' ');
  return text === '' ? {} : { solution: shorten(text, SOLUTION_LENGTH) };
}

/** Counts findings over time. @throws {NmcpError} `invalid_input` */
export function countFindings(
  view: InventoryView,
  query: SearchFindingsQuery & { group_by: string },
  known: Knowledge,
): CountedFindings {
  const { group_by: by, top = 10, filters = {}, state = 'open' } = query;
  const own = OWN_GROUPS[by];
  if (!own && !isGroupField(by))
    throw new NmcpError('invalid_input', unknownName('group_by', by, INVENTORY_GROUPS), {
      title: 'Invalid group_by',
    });
  const { rows, empty } = selectFindings(view, query, known);
  const { groups, total_groups, matching_hosts } = isGroupField(by)
    ? groupRows(view, by, rows, { filters, top })
    : groupsBy(view, rows, own ?? (() => []), top);
  return {
    ...{ state, filters_applied: filters, matching_findings: rows.length, matching_assets: matching_hosts },
    total_groups,
    ...(total_groups > groups.length ? { groups_left_out: total_groups - groups.length } : {}),
    groups,
    ...(empty ? { empty } : {}),
  };
}

const OWN_GROUPS: Readonly<Record<string, (view: InventoryView, row: number) => readonly string[]>> = {
  owner: (view, row) => [view.assets[view.hosts[row] ?? 0]?.owner ?? 'none'],
  tag: (view, row) => view.assets[view.hosts[row] ?? 0]?.tags ?? [],
  zone: (view, row) => [view.assets[view.hosts[row] ?? 0]?.zone ?? ''],
  state: (view, row) => [view.stateOf(row).status],
};

function groupsBy(
  view: InventoryView,
  rows: Uint32Array,
  valuesOf: (view: InventoryView, row: number) => readonly string[],
  top: number,
): { groups: FindingGroup[]; total_groups: number; matching_hosts: number } {
  const found = new Map<string, { findings: number; hosts: Set<number>; worst: number }>();
  const assets = new Set<number>();
  for (const row of rows) {
    const host = view.hosts[row] ?? 0;
    assets.add(host);
    for (const value of valuesOf(view, row)) {
      const group = found.get(value) ?? { findings: 0, hosts: new Set(), worst: 0 };
      found.set(value, group);
      group.findings++;
      group.hosts.add(host);
      group.worst = Math.max(group.worst, view.severities[view.variants[row] ?? 0] ?? 0);
    }
  }
  const groups = [...found].map(([value, { findings, hosts, worst }]) => ({
    ...{ value, findings, hosts: hosts.size },
    ...{ max_severity: worst, max_severity_name: severityName(worst) ?? 'info' },
  }));
  groups.sort((a, b) => b.max_severity - a.max_severity || b.hosts - a.hosts || b.findings - a.findings);
  return { groups: groups.slice(0, top), total_groups: groups.length, matching_hosts: assets.size };
}

/** Seconds since 1970 as ISO 8601. */
export function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
