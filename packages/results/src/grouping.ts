import {
  compareVersions,
  compileFilters,
  type Finding,
  fixOf,
  HOST_FIELDS,
  listOf,
  severityName,
} from '@nmcp/schema';
import type { Filters } from '@nmcp/types';
import { conjuncts, type FindingsTable } from './index/select_rows.ts';

const VARIANT_FIELDS = ['severity', 'plugin', 'family', 'cve', 'port', 'service', 'solution', 'fix'] as const;

/** Those of them that findings of a variant have in common. */
export type VariantField = (typeof VARIANT_FIELDS)[number];

/** What findings can be counted by. */
export const GROUP_FIELDS: readonly [...typeof VARIANT_FIELDS, 'host', ...typeof HOST_FIELDS] = [
  ...VARIANT_FIELDS,
  'host',
  ...HOST_FIELDS,
];

/** One of {@linkcode GROUP_FIELDS}. */
export type GroupField = (typeof GROUP_FIELDS)[number];

/** What is said of a group beside its counts. */
export interface GroupName {
  value: string;
  name?: string;
  version?: string;
  cves?: Set<string>;
}

/** For each variant or host the groups that it belongs to, and the groups' names. */
export interface Grouping {
  isOfHost: boolean;
  ids: readonly (readonly number[])[];
  names: readonly GroupName[];
}

const groupings = new WeakMap<FindingsTable, Map<GroupField, Grouping>>();

/** What findings are grouped by, as groups of variants or of hosts; kept as long as the index is, unless filters choose CVEs. */
export function grouping(index: FindingsTable, by: GroupField, filters: Filters): Grouping {
  const isAsked = by === 'cve' || by === 'fix' ? cveTest(filters) : undefined;
  if (isAsked) return makeGrouping(index, by, isAsked);
  const kept = groupings.get(index) ?? new Map<GroupField, Grouping>();
  groupings.set(index, kept);
  const made = kept.get(by) ?? makeGrouping(index, by, () => true);
  kept.set(by, made);
  return made;
}

/** What a fix is worked out from. */
const FIX_FIELDS: ReadonlySet<string> = new Set(['solution', 'plugin_name']);

/** What removes the findings above info. */
export function fixesAboveInfo(index: FindingsTable): Omit<Grouping, 'isOfHost'> {
  const variants = index.variantsFor(FIX_FIELDS);
  return numbered(variants, (variant, place) =>
    index.severities[place] === 0 ? [] : valuesOf(variant, 'fix', () => true),
  );
}

function makeGrouping(index: FindingsTable, by: GroupField, isAsked: (cve: string) => boolean): Grouping {
  if (isVariantField(by)) {
    const variants = index.variantsFor(by === 'fix' ? FIX_FIELDS : new Set([by]));
    return { isOfHost: false, ...numbered(variants, (variant) => valuesOf(variant, by, isAsked)) };
  }
  const values = index.valuesOfHosts(by);
  return {
    isOfHost: true,
    ...numbered(values, (value) => [value ?? 'none'].flat().map((each) => called({ value: String(each) }))),
  };
}

/** A group's name, and what is the same for all that belong to it. */
interface KeyedName {
  key: string;
  name: GroupName;
}

/** A group that is what it is called. */
function called(name: GroupName): KeyedName {
  return { key: name.value, name };
}

function numbered<T>(
  items: readonly T[],
  namesOf: (item: T, place: number) => readonly KeyedName[],
): Omit<Grouping, 'isOfHost'> {
  const known = new Map<string, number>();
  const names: GroupName[] = [];
  const idOf = ({ key, name }: KeyedName): number => {
    const id = known.get(key);
    if (id === undefined) {
      known.set(key, names.length);
      return names.push(name) - 1;
    }
    const before = names[id];
    if (before) names[id] = merged(before, name);
    return id;
  };
  const ids: number[][] = [];
  for (const [place, item] of items.entries()) {
    const own: number[] = [];
    for (const keyed of namesOf(item, place)) own.push(idOf(keyed));
    ids.push(own);
  }
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
function cveTest(filters: Filters): ((cve: string) => boolean) | undefined {
  const ofCve = conjuncts(compileFilters(filters)).filter(
    ({ fields }) => fields.size === 1 && fields.has('cve'),
  );
  if (ofCve.length === 0) return undefined;
  return (cve) => ofCve.every((part) => part.matches({ cve: [cve] } as unknown as Finding)); // it looks at no other field
}

function valuesOf(variant: Finding, by: VariantField, isAsked: (cve: string) => boolean): KeyedName[] {
  switch (by) {
    case 'severity': {
      const name = severityName(variant.severity);
      return [called({ value: variant.severity ?? 'none', ...(name === undefined ? {} : { name }) })];
    }
    case 'plugin':
      return [called({ value: variant.plugin_id ?? 'none', name: nameOf(variant) })];
    case 'family':
      return [called({ value: variant.plugin_family ?? 'none' })];
    case 'port':
      return [called({ value: `${variant.port ?? 'none'}/${variant.protocol ?? 'none'}` })];
    case 'service':
      return [called({ value: variant.svc_name ?? 'none' })];
    case 'cve':
      return listOf(variant.cve)
        .filter(isAsked)
        .map((cve) => called({ value: cve }));
    case 'solution':
      return [called({ value: [variant.solution ?? 'none'].flat().join(' ') })];
    case 'fix': {
      const fix = fixOf(variant);
      if (!fix) return [];
      const { key, product, version, solution } = fix;
      const value = product === undefined ? solution : `Update ${product} to ${version} or later`;
      const cves = new Set(listOf(variant.cve).filter(isAsked));
      return [{ key, name: { value, ...(version === undefined ? {} : { version }), cves } }];
    }
  }
}

/** A plugin's name: a ReportItem can have it twice, as an attribute and as an element. */
export function nameOf(variant: Finding): string {
  return String([variant.plugin_name].flat()[0] ?? '');
}

function isVariantField(field: GroupField): field is VariantField {
  return (VARIANT_FIELDS as readonly string[]).includes(field); // widened, so that any text may be looked for
}
