import {
  type EmptyAnswer,
  type FindingGroup,
  GROUP_FIELDS,
  type GroupField,
  grouping,
  groupRows,
  isGroupField,
  lineWithin,
  windowOf,
} from '@nmcp/results';
import { estimateTokens, severityName } from '@nmcp/schema';
import { DEFAULT_TEXT_LENGTH, type Filters, NmcpError, unknownName } from '@nmcp/types';
import type { InventoryView } from '../inventory_view.ts';
import { type OutputsStore, outputFields, outputsOf } from './finding_outputs.ts';
import { type FindingsAsked, type Knowledge, selectFindings } from './select_findings.ts';
import { isoOf, shownFinding } from './shown_finding.ts';

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
  /** As many findings as fit; the output of the first is cut to fit. */
  max_tokens?: number | undefined;
  /** Characters of what each finding said; 0 for none. @default 4000 where at most {@linkcode FEW} match, else 0 */
  max_text?: number | undefined;
}

/** Findings that are shown in full. */
const FEW = 5;
/** Tokens around the findings, and of what is said of one beside its fields. */
const [AROUND_TOKENS, MARK_TOKENS] = [150, 15];

/** What findings of the inventory can be counted by. */
export const INVENTORY_GROUPS: readonly string[] = [...GROUP_FIELDS, 'owner', 'tag', 'zone', 'state'];

/** Findings, most urgent first, as lines of JSON: a head, the findings, and how to go on. */
export interface FoundFindings {
  lines: string[];
}

/** A group with the day since when the oldest of its findings is there. */
export type AgedGroup = FindingGroup & { first_seen?: string };

/** Findings, counted. */
export interface CountedFindings {
  state: string;
  filters_applied: Filters;
  matching_findings: number;
  matching_assets: number;
  total_groups: number;
  groups_left_out?: number;
  /** Dates of the operator's feeds. */
  feeds?: InventoryView['feeds'];
  groups: AgedGroup[];
  empty?: EmptyAnswer;
}

/** Findings over time, most urgent first. @throws {NmcpError} `invalid_input`, and those of the store */
export async function searchFindings(
  { view, store, known }: { view: InventoryView; store: OutputsStore; known: Knowledge },
  query: SearchFindingsQuery,
): Promise<FoundFindings> {
  const { page = 1, page_size: size = 20, max_tokens: room, state = 'open', filters = {} } = query;
  const { rows, riskOf, empty } = selectFindings(view, query, known);
  const { max_text: most = rows.length <= FEW ? DEFAULT_TEXT_LENGTH : 0 } = query;
  const start = (page - 1) * size;
  const shown = windowOf(rows, [view.urgency], start, start + size);
  const outputs = most === 0 ? undefined : await outputsOf(view, store, shown);
  const lines: string[] = [];
  let tokens = AROUND_TOKENS;
  for (const row of shown) {
    const finding = shownFinding(view, row, { now: known.now, risk: riskOf(row) });
    const lineOf = (length: number): string =>
      JSON.stringify({ ...finding, ...outputFields(outputs?.get(row), length) });
    let line = lineOf(most);
    const left = (room ?? Number.POSITIVE_INFINITY) - tokens - MARK_TOKENS;
    if (estimateTokens(line) > left && lines.length > 0) break;
    if (estimateTokens(line) > left) line = lineWithin(left, lineOf);
    tokens += estimateTokens(line) + MARK_TOKENS;
    lines.push(line);
  }
  const end = start + lines.length;
  const head = {
    ...{ type: 'schema', state, filters_applied: filters, matching_findings: rows.length },
    ...feedsOf(view),
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
    ? agedGroups(view, by, rows, { filters, top })
    : groupsBy(view, rows, own ?? (() => []), top);
  return {
    ...{ state, filters_applied: filters, matching_findings: rows.length, matching_assets: matching_hosts },
    total_groups,
    ...(total_groups > groups.length ? { groups_left_out: total_groups - groups.length } : {}),
    ...feedsOf(view),
    groups,
    ...(empty ? { empty } : {}),
  };
}

/** Dates of the feeds that say what is exploited, where the operator has given any. */
export function feedsOf({ feeds }: InventoryView): { feeds?: InventoryView['feeds'] } {
  return Object.keys(feeds).length === 0 ? {} : { feeds };
}

function agedGroups(
  view: InventoryView,
  by: GroupField,
  rows: Uint32Array,
  options: { filters: Filters; top: number },
): { groups: AgedGroup[]; total_groups: number; matching_hosts: number } {
  const found = groupRows(view, by, rows, options);
  const { isOfHost, ids, names } = grouping(view, by, options.filters);
  const first = new Uint32Array(names.length).fill(0xff_ff_ff_ff);
  const column = isOfHost ? view.hosts : view.variants;
  for (const row of rows) {
    const seen = view.firstSeen[row] ?? 0;
    for (const group of ids[column[row] ?? 0] ?? []) if (seen < (first[group] ?? 0)) first[group] = seen;
  }
  const oldest = new Map(names.map(({ value }, group) => [value, first[group] ?? 0]));
  const groups = found.groups.map((group) => {
    const seen = oldest.get(group.value);
    return { ...group, ...(seen === undefined ? {} : { first_seen: isoOf(seen) }) };
  });
  return { ...found, groups };
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
