import { compileFilters, type Finding, HOST_FIELDS, severityName, shorten } from '@nmcp/schema';
import { type Filters, NmcpError, unknownName } from '@nmcp/types';
import { countByHost, countByVariant } from './count_groups.ts';
import { type EmptyAnswer, explainEmpty } from './explain_empty.ts';
import { compareVersions, fixOf } from './fix_of.ts';
import type { FindingsIndex } from './index/findings_index.ts';

const VARIANT_FIELDS = ['severity', 'plugin', 'family', 'cve', 'port', 'service', 'solution', 'fix'] as const;

/** What findings can be counted by. */
export const GROUP_FIELDS: readonly [...typeof VARIANT_FIELDS, 'host', ...typeof HOST_FIELDS] = [
  ...VARIANT_FIELDS,
  'host',
  ...HOST_FIELDS,
];

/** One of {@linkcode GROUP_FIELDS}. */
export type GroupField = (typeof GROUP_FIELDS)[number];

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
  index: FindingsIndex,
  by: GroupField,
  rows: Uint32Array,
  { filters = {}, top = 10 }: GroupOptions = {},
): GroupedRows {
  const { isOfHost, ids, names } = grouping(index, by, filters);
  const counts = isOfHost
    ? countByHost(index, rows, ids, names.length)
    : countByVariant(index, rows, ids, names.length);
  const groups = names.flatMap((name, group): CountedGroup[] => {
    const findings = counts.findings[group] ?? 0;
    if (findings === 0) return [];
    const [aboveInfo, hosts] = [counts.aboveInfo[group] ?? 0, counts.hosts[group] ?? 0];
    return [{ ...name, findings, aboveInfo, hosts, max_severity: counts.worst[group] ?? 0 }];
  });
  groups.sort(by === 'fix' ? mostRemoved : worstFirst);
  return {
    groups: groups.slice(0, top).map(({ aboveInfo: _, ...group }) => shownGroup(group)),
    total_groups: groups.length,
    matching_hosts: counts.matchingHosts,
    ungrouped: counts.ungrouped,
  };
}

/** What is said of a group beside its counts. */
interface GroupName {
  value: string;
  name?: string;
  version?: string;
  cves?: Set<string>;
}

/** For each variant or host the groups that it belongs to, and the groups' names. */
interface Grouping {
  isOfHost: boolean;
  ids: readonly (readonly number[])[];
  names: readonly GroupName[];
}

function grouping(index: FindingsIndex, by: GroupField, filters: Filters): Grouping {
  if (isVariantField(by)) {
    const variants = index.variantsFor(new Set(by === 'fix' ? ['solution', 'plugin_name'] : [by]));
    const isAsked = by === 'cve' || by === 'fix' ? cveTest(filters) : () => true;
    const grouped = numbered(variants, (variant) => valuesOf(variant, by, isAsked));
    return { isOfHost: false, ...grouped };
  }
  const values = index.valuesOfHosts(by);
  return {
    isOfHost: true,
    ...numbered(values, (value) => [value ?? 'none'].flat().map((each) => ({ value: String(each) }))),
  };
}

function numbered<T>(
  items: readonly T[],
  namesOf: (item: T) => (GroupName & { key?: string })[],
): Omit<Grouping, 'isOfHost'> {
  const known = new Map<string, number>();
  const names: GroupName[] = [];
  const ids = items.map((item) =>
    namesOf(item).map(({ key, ...name }) => {
      const id = known.get(key ?? name.value) ?? names.push(name) - 1;
      known.set(key ?? name.value, id);
      const before = names[id] ?? name;
      if (before !== name) names[id] = merged(before, name);
      return id;
    }),
  );
  return { ids, names };
}

/** Two findings that one step removes ask for the higher version. */
function merged(a: GroupName, b: GroupName): GroupName {
  if (a.cves === undefined || b.cves === undefined) return a;
  for (const cve of b.cves) a.cves.add(cve);
  const isHigher =
    a.version !== undefined && b.version !== undefined && compareVersions(b.version, a.version) > 0;
  return isHigher ? { ...b, cves: a.cves } : a;
}

/** Filters that speak of CVEs alone say which ones are meant: a finding has others beside them. */
function cveTest(filters: Filters): (cve: string) => boolean {
  const compiled = compileFilters(filters);
  const parts = compiled.combines === 'all' ? compiled.parts : [compiled];
  const ofCve = parts.filter(({ fields }) => fields.size === 1 && fields.has('cve'));
  return (cve) => ofCve.every((part) => part.matches({ cve: [cve] } as unknown as Finding)); // it looks at no other field
}

function valuesOf(
  variant: Finding,
  by: (typeof VARIANT_FIELDS)[number],
  isAsked: (cve: string) => boolean,
): (GroupName & { key?: string })[] {
  const cves = (): string[] => [variant.cve ?? []].flat().map(String).filter(isAsked);
  switch (by) {
    case 'severity': {
      const name = severityName(variant.severity);
      return [{ value: variant.severity ?? 'none', ...(name === undefined ? {} : { name }) }];
    }
    case 'plugin':
      return [{ value: variant.plugin_id ?? 'none', name: nameOf(variant) }];
    case 'family':
      return [{ value: variant.plugin_family ?? 'none' }];
    case 'port':
      return [{ value: `${variant.port ?? 'none'}/${variant.protocol ?? 'none'}` }];
    case 'service':
      return [{ value: variant.svc_name ?? 'none' }];
    case 'cve':
      return cves().map((cve) => ({ value: cve }));
    case 'solution':
      return [{ value: [variant.solution ?? 'none'].flat().join(' ') }];
    case 'fix': {
      const fix = fixOf(variant);
      if (!fix) return [];
      const { key, product, version, solution } = fix;
      const value = product === undefined ? solution : `Update ${product} to ${version} or later`;
      return [{ key, value, ...(version === undefined ? {} : { version }), cves: new Set(cves()) }];
    }
  }
}

/** A plugin's name: a ReportItem can have it twice, as an attribute and as an element. */
export function nameOf(variant: Finding): string {
  return String([variant.plugin_name].flat()[0] ?? '');
}

/** A group while it is counted. */
interface CountedGroup extends GroupName {
  findings: number;
  /** Those of a severity above info. */
  aboveInfo: number;
  hosts: number;
  max_severity: number;
}

function worstFirst(a: CountedGroup, b: CountedGroup): number {
  return b.max_severity - a.max_severity || b.hosts - a.hosts || b.findings - a.findings;
}

function mostRemoved(a: CountedGroup, b: CountedGroup): number {
  return b.aboveInfo - a.aboveInfo || worstFirst(a, b);
}

function shownGroup({
  value,
  name,
  cves,
  version,
  ...counts
}: Omit<CountedGroup, 'aboveInfo'>): FindingGroup {
  return {
    value: shorten(value, VALUE_LENGTH),
    ...(name === undefined ? {} : { name: shorten(name, NAME_LENGTH) }),
    ...counts,
    max_severity_name: severityName(counts.max_severity) ?? 'info',
    ...(version === undefined ? {} : { version }),
    ...(cves === undefined ? {} : { cve_count: cves.size, cves: [...cves].slice(0, CVES_NAMED) }),
  };
}

function isVariantField(field: GroupField): field is (typeof VARIANT_FIELDS)[number] {
  return (VARIANT_FIELDS as readonly string[]).includes(field); // widened, so that any text may be looked for
}

function isGroupField(field: string): field is GroupField {
  return (GROUP_FIELDS as readonly string[]).includes(field); // widened, so that any text may be looked for
}
