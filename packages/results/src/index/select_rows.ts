import {
  type CompiledFilters,
  type FieldValue,
  type Finding,
  type HostFacts,
  isHostField,
} from '@nmcp/schema';

/** Findings as columns, which filters, groups and orders are asked about. */
export interface FindingsTable {
  /** For each finding, its host. */
  hosts: Uint32Array;
  /** Where runs of findings begin that are of one host, ascending: most hosts have one. */
  runStarts: Uint32Array;
  /** For each finding, its variant. */
  variants: Uint32Array;
  hostNames: readonly string[];
  facts: readonly HostFacts[];
  /** A field of each host; see `HOST_FIELDS`. */
  valuesOfHosts(field: string): readonly (FieldValue | undefined)[];
  /** Every variant's short fields. */
  briefs: readonly Finding[];
  /** Each variant's severity, 0 to 4. */
  severities: Uint8Array;
  meta: {
    /** How many there are. */
    findings: number;
    hosts: number;
    /** Every field that occurs. */
    fields: readonly string[];
  };
  /** Variants that have at least these fields. */
  variantsFor(fields: ReadonlySet<string>): readonly Finding[];
  /** Numbers of the findings with `suspicious_text`. */
  suspicious: ReadonlySet<number>;
  /** A finding's plugin_output. */
  output(row: number): string | null;
}

/**
 * Finds the findings that filters select: their numbers, ascending. All that looks only at what variants or hosts have in common
 * is evaluated once for each of these; then one walk finds the findings, and what each has for itself is read only where all
 * else holds.
 *
 * @param among findings to choose from, ascending; absent: all
 */
export function selectRows(index: FindingsTable, filters: CompiledFilters, among?: Uint32Array): Uint32Array {
  const parts = conjuncts(filters);
  const ofAll = parts.filter((part) => !looksAtOwn(part));
  const rows = walk(index, among, ofAll);
  return parts.filter(looksAtOwn).reduce((left, part) => selectSlowly(index, part, left), rows);
}

/** The parts that must all hold. */
export function conjuncts(filters: CompiledFilters): CompiledFilters[] {
  return filters.combines === 'all' ? filters.parts.flatMap(conjuncts) : [filters];
}

/** Every row; an iterator over a million takes a hundred times as long. */
function allRows(count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}

/** The findings of which all these parts hold, which look at variants and hosts alone. */
function walk(
  index: FindingsTable,
  among: Uint32Array | undefined,
  parts: readonly CompiledFilters[],
): Uint32Array {
  if (parts.length === 0) return among ?? allRows(index.hosts.length);
  const { hosts, variants, runStarts } = index;
  const wantedOn = wantedVariants(index, parts);
  const count = among?.length ?? hosts.length;
  const found = new Uint32Array(count);
  let length = 0;
  for (let run = 0, i = 0; run < runStarts.length && i < count; run++) {
    const start = runStarts[run] ?? 0;
    const wanted = wantedOn(hosts[start] ?? 0);
    if (!wanted) continue; // most hosts, often: not even their place is looked for
    const end = runStarts[run + 1] ?? hosts.length;
    for (i = placeOf(start, among, i); i < count; i++) {
      const row = among ? (among[i] ?? 0) : i;
      if (row >= end) break;
      if (wanted[variants[row] ?? 0] === 1) found[length++] = row;
    }
  }
  return length < count / 2 ? found.slice(0, length) : found.subarray(0, length);
}

/** Where a row stands among some that ascend, or would stand; it is looked for from a place on. */
function placeOf(row: number, among: Uint32Array | undefined, from: number): number {
  if (!among) return row;
  let [low, high] = [from, Math.min(among.length, from + row - (among[from] ?? row))];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((among[middle] ?? 0) < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Kept lists of wanted variants: as many as two or three conditions on hosts can make. */
const MAX_WANTED = 64;

/**
 * Which variants are wanted on a host, as flags; `undefined` for none. Hosts of which the same conditions hold want the same variants, so that each
 * condition is evaluated once for each variant or once for each host.
 */
function wantedVariants(
  index: FindingsTable,
  parts: readonly CompiledFilters[],
): (host: number) => Flags | undefined {
  const items: Items = {
    variants: index.variantsFor(new Set(parts.flatMap(({ fields }) => [...fields]))),
    flagsOfHosts: (filters) => flagsOfHosts(index, filters),
    ofHosts: [],
  };
  const marks = combined('all', parts, items);
  const known = new Map<number, Flags | undefined>();
  let last: { key: number; wanted: Flags | undefined } | undefined; // hosts that are alike often follow each other
  return (host) => {
    let key = 0;
    for (let i = 0; i < items.ofHosts.length; i++) key = key * 2 + (items.ofHosts[i]?.[host] ?? 0);
    if (key > Number.MAX_SAFE_INTEGER) return marks(host); // more conditions than a number tells apart
    if (last?.key === key) return last.wanted;
    if (!known.has(key)) {
      const flags = marks(host);
      if (known.size >= MAX_WANTED) known.clear();
      known.set(key, flags.includes(1) ? flags : undefined);
    }
    last = { key, wanted: known.get(key) };
    return last.wanted;
  };
}

type Flags = Uint8Array;

/** On a host the variants that are wanted. */
type Marks = (host: number) => Flags;

interface Items {
  variants: readonly Finding[];
  flagsOfHosts: (filters: CompiledFilters) => Flags;
  /** Flags of hosts that conditions had: what is wanted on a host depends on nothing else of it. */
  ofHosts: Flags[];
}

function marksOf(filters: CompiledFilters, items: Items): Marks {
  const { parts, combines, fields, matches } = filters;
  const hostFields = [...fields].filter(isHostField).length;
  if (hostFields === 0) {
    const flags = flagsFor(items.variants.length, (i) => matches(items.variants[i] as Finding)); // one of them
    return () => flags;
  }
  if (hostFields === fields.size) {
    const flags = items.flagsOfHosts(filters);
    items.ofHosts.push(flags);
    return (host) => new Uint8Array(items.variants.length).fill(flags[host] ?? 0);
  }
  return combined(combines, parts, items);
}

function combined(how: CompiledFilters['combines'], parts: readonly CompiledFilters[], items: Items): Marks {
  const all = parts.map((part) => marksOf(part, items));
  const isAny = how === 'any';
  return (host) => {
    const marks = new Uint8Array(items.variants.length).fill(isAny ? 0 : 1);
    for (const each of all) {
      const others = each(host);
      for (let i = 0; i < marks.length; i++)
        marks[i] = isAny ? (marks[i] ?? 0) | (others[i] ?? 0) : (marks[i] ?? 0) & (others[i] ?? 0);
    }
    return how === 'not' ? marks.map((mark) => 1 - mark) : marks;
  };
}

/** A part of which each finding has to be looked at. */
function selectSlowly(index: FindingsTable, filters: CompiledFilters, among: Uint32Array): Uint32Array {
  const { combines, parts } = filters;
  if (combines === 'any') return anyOf(index, parts, among);
  if (combines === 'not')
    return without(
      index,
      among,
      parts.reduce((rows, part) => selectRows(index, part, rows), among),
    );
  const look: (row: number) => object = filters.fields.has('plugin_output')
    ? (row) => ({ plugin_output: index.output(row) })
    : (row) => (index.suspicious.has(row) ? { suspicious_text: true } : {});
  return among.filter((row) => filters.matches(look(row) as Finding)); // it looks at no other field
}

/** Fields that each finding has for itself. */
const OWN_FIELDS = ['plugin_output', 'suspicious_text'];

function looksAtOwn({ fields }: CompiledFilters): boolean {
  return OWN_FIELDS.some((field) => fields.has(field));
}

/** What is quick to find goes first, and is not looked at again. */
function anyOf(index: FindingsTable, parts: readonly CompiledFilters[], among: Uint32Array): Uint32Array {
  const inOrder = [...parts].sort((a, b) => Number(looksAtOwn(a)) - Number(looksAtOwn(b)));
  let rest = among;
  for (const part of inOrder) rest = without(index, rest, selectRows(index, part, rest));
  return without(index, among, rest);
}

function without(index: FindingsTable, rows: Uint32Array, others: Uint32Array): Uint32Array {
  const isOther = new Uint8Array(index.hosts.length);
  for (const row of others) isOther[row] = 1;
  return rows.filter((row) => isOther[row] !== 1);
}

const columns = new WeakMap<FindingsTable, Map<string, readonly (FieldValue | undefined)[]>>();

/** A field of each host, kept as long as the index is. */
function columnOf(index: FindingsTable, field: string): readonly (FieldValue | undefined)[] {
  const kept = columns.get(index) ?? new Map<string, readonly (FieldValue | undefined)[]>();
  columns.set(index, kept);
  const column = kept.get(field) ?? index.valuesOfHosts(field);
  kept.set(field, column);
  return column;
}

/** Hosts of which a condition holds. It is asked of one object, which has each host's fields in turn: no field is looked for. */
function flagsOfHosts(index: FindingsTable, { fields, matches }: CompiledFilters): Flags {
  const asked = [...fields].map((field) => ({ field, column: columnOf(index, field) }));
  const host: Record<string, FieldValue | undefined> = {};
  return flagsFor(index.hostNames.length, (i) => {
    for (const { field, column } of asked) host[field] = column[i];
    return matches(host as unknown as Finding); // it looks at no other field
  });
}

/** For each place whether something holds of it, as 1 and 0; `Uint8Array.from` takes several times as long. */
export function flagsFor(count: number, holds: (place: number) => boolean): Uint8Array {
  const flags = new Uint8Array(count);
  for (let i = 0; i < count; i++) if (holds(i)) flags[i] = 1;
  return flags;
}
