import { severityName, shorten } from '@nmcp/schema';
import { type Filters, NmcpError, unknownName } from '@nmcp/types';
import { countByHost, countByVariant, type GroupCounts, partOf } from './count_groups.ts';
import { type EmptyAnswer, explainEmpty } from './explain_empty.ts';
import { GROUP_FIELDS, type GroupField, type GroupName, grouping, type VariantField } from './grouping.ts';
import type { FindingsIndex } from './index/findings_index.ts';
import type { FindingsTable } from './index/select_rows.ts';

/** Findings that have something in common. */
export interface FindingGroup {
  /** What they have in common, such as `443` or `CVE-2021-44228`. */
  value: string;
  /** Its name, for plugins and severities. */
  name?: string;
  findings: number;
  hosts: number;
  /** The worst severity among them, 0 to 4. */
  max_severity: number;
  /** The same as a word. */
  max_severity_name: string;
  /** Of a fix: the lowest version of the product that removes them all. */
  version?: string;
  /** Of a fix: how many CVEs it removes, and the first few. */
  cve_count?: number;
  cves?: string[];
}

/** Findings, counted by something. */
export interface GroupedFindings {
  filters_applied: Filters;
  matching_findings: number;
  matching_hosts: number;
  total_groups: number;
  /** Groups that are not shown; absent where all are. */
  groups_left_out?: number;
  /** Findings that state no fix; only of `fix`. */
  without_fix?: number;
  groups: FindingGroup[];
  /** Why there is nothing. */
  empty?: EmptyAnswer;
}

/** Options of {@linkcode groupFindings}. */
export interface GroupOptions {
  /** @default all findings */
  filters?: Filters | undefined;
  /** Maximum number of groups. @default 10 */
  top?: number | undefined;
}

/** Characters of a group's texts. */
const NAME_LENGTH = 90;
const VALUE_LENGTH = 160;
/** CVEs of a fix that are named. */
const CVES_NAMED = 5;

/**
 * Counts findings by what they have in common: worst severity first, then most hosts, then most findings. Fixes come by how
 * many findings of a severity above info they remove.
 *
 * @throws {NmcpError} `invalid_input`
 */
export function groupFindings(
  index: FindingsIndex,
  by: string,
  { filters = {}, top = 10 }: GroupOptions = {},
): GroupedFindings {
  if (!isGroupField(by))
    throw new NmcpError('invalid_input', unknownName('group_by', by, GROUP_FIELDS), {
      title: 'Invalid group_by',
    });
  const { rows } = index.select(filters);
  const { groups, total_groups, matching_hosts, ungrouped } = groupRows(index, by, rows, { filters, top });
  return {
    filters_applied: filters,
    matching_findings: rows.length,
    matching_hosts,
    total_groups,
    ...(total_groups > groups.length ? { groups_left_out: total_groups - groups.length } : {}),
    ...(by === 'fix' ? { without_fix: ungrouped } : {}),
    groups,
    ...(rows.length === 0 ? { empty: explainEmpty(index, filters) } : {}),
  };
}

/** Groups of some findings. */
export interface GroupedRows {
  groups: FindingGroup[];
  total_groups: number;
  matching_hosts: number;
  /** Findings that belong to no group. */
  ungrouped: number;
}

/**
 * Counts findings that were selected already.
 *
 * @param rows their numbers, ascending, which is host by host
 */
export function groupRows(
  index: FindingsTable,
  by: GroupField,
  rows: Uint32Array,
  { filters = {}, top = 10 }: GroupOptions = {},
): GroupedRows {
  const { isOfHost, ids, names } = grouping(index, by, filters);
  const counts = isOfHost
    ? countByHost(index, rows, ids, names.length)
    : countByVariant(index, rows, ids, names.length);
  return groupedRows(names, counts, by, top);
}

/** Groups by several things, counted in one walk. */
export interface GroupsAboveInfo<By extends VariantField> {
  groups: Record<By, GroupedRows>;
  matching_hosts: number;
  /** See {@linkcode GroupCounts}. */
  ofHosts: Uint32Array;
}

/** Groups by several things in one walk, of the findings above info; hosts are counted of all. */
export function groupAboveInfo<By extends VariantField>(
  index: FindingsTable,
  fields: Readonly<Record<By, number>>,
  rows: Uint32Array,
  filters: Filters,
): GroupsAboveInfo<By> {
  const all = Object.entries<number>(fields).map(([by, top]) => {
    const { ids, names } = grouping(index, by as VariantField, filters); // of those names
    return { by: by as VariantField, top, ids, names };
  });
  const starts = all.map((_, i) => all.slice(0, i).reduce((sum, { names }) => sum + names.length, 0));
  const together = index.briefs.map((_, variant) =>
    (index.severities[variant] ?? 0) === 0
      ? []
      : all.flatMap(({ ids }, i) => (ids[variant] ?? []).map((id) => id + (starts[i] ?? 0))),
  );
  const groups = all.reduce((sum, { names }) => sum + names.length, 0);
  const counts = countByVariant(index, rows, together, groups);
  const answers = all.map(({ by, top, names }, i) => {
    const start = starts[i] ?? 0;
    return [by, groupedRows(names, partOf(counts, start, start + names.length), by, top)];
  });
  return {
    groups: Object.fromEntries(answers) as Record<By, GroupedRows>, // one for each field
    matching_hosts: counts.matchingHosts,
    ofHosts: counts.ofHosts,
  };
}

function groupedRows(
  names: readonly GroupName[],
  counts: GroupCounts,
  by: GroupField,
  top: number,
): GroupedRows {
  const found = Uint32Array.from(counts.findings.keys()).filter((group) => counts.findings[group] !== 0);
  found.sort(by === 'fix' ? mostRemoved(counts) : worstFirst(counts));
  return {
    groups: [...found.subarray(0, top)].map((group) =>
      shownGroup(names[group] ?? { value: '' }, counts, group),
    ),
    total_groups: found.length,
    matching_hosts: counts.matchingHosts,
    ungrouped: counts.ungrouped,
  };
}

type Order = (a: number, b: number) => number;

function worstFirst({ worst, hosts, findings }: GroupCounts): Order {
  return (a, b) =>
    (worst[b] ?? 0) - (worst[a] ?? 0) ||
    (hosts[b] ?? 0) - (hosts[a] ?? 0) ||
    (findings[b] ?? 0) - (findings[a] ?? 0) ||
    a - b;
}

function mostRemoved(counts: GroupCounts): Order {
  const otherwise = worstFirst(counts);
  return (a, b) => (counts.aboveInfo[b] ?? 0) - (counts.aboveInfo[a] ?? 0) || otherwise(a, b);
}

/** A group as it is told. */
export function shownGroup(
  { value, name, cves, version }: GroupName,
  { findings, hosts, worst }: GroupCounts,
  group: number,
): FindingGroup {
  const max_severity = worst[group] ?? 0;
  return {
    value: shorten(value, VALUE_LENGTH),
    ...(name === undefined ? {} : { name: shorten(name, NAME_LENGTH) }),
    findings: findings[group] ?? 0,
    hosts: hosts[group] ?? 0,
    max_severity,
    max_severity_name: severityName(max_severity) ?? 'info',
    ...(version === undefined ? {} : { version }),
    ...(cves === undefined ? {} : { cve_count: cves.size, cves: [...cves].slice(0, CVES_NAMED) }),
  };
}

/** Whether findings can be counted by it. */
export function isGroupField(field: string): field is GroupField {
  return (GROUP_FIELDS as readonly string[]).includes(field); // widened, so that any text may be looked for
}
