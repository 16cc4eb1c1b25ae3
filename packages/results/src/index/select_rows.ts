import { type CompiledFilters, type Finding, type HostFacts, isHostField } from '@nmcp/schema';

/** What filters are asked about. */
export interface IndexedFindings {
  /** For each finding, its host. */
  hosts: Uint32Array;
  /** For each finding, its variant. */
  variants: Uint32Array;
  hostNames: readonly string[];
  facts: readonly HostFacts[];
  /** Variants that have at least these fields. */
  variantsFor(fields: ReadonlySet<string>): readonly Finding[];
  /** Numbers of the findings with `suspicious_text`. */
  suspicious: ReadonlySet<number>;
  /** A finding's plugin_output. */
  output(row: number): string | null;
}

/** What a condition has to look at, the cheapest first: each variant once, each host once, or every finding. */
type Reach = 'variant' | 'host' | 'finding';

const ORDER: readonly Reach[] = ['variant', 'host', 'finding'];

/**
 * Finds the findings that filters select: their numbers, ascending. All that looks only at what variants or hosts have in common
 * is evaluated once for each of these; then one walk finds the findings, and plugin_output is read only where all else holds.
 *
 * @param among findings to choose from, ascending; absent: all
 */
export function selectRows(
  index: IndexedFindings,
  filters: CompiledFilters,
  among?: Uint32Array,
): Uint32Array {
  const parts = conjuncts(filters);
  const of = (reach: Reach): CompiledFilters[] => parts.filter((part) => reachOf(part) === reach);
  const [ofVariant, ofHost] = [of('variant'), of('host')];
  const variants = new Set(ofVariant.flatMap(({ fields }) => [...fields]));
  const rows = walk(index, among, {
    variants: flags(ofVariant, () => index.variantsFor(variants)),
    hosts: flags(ofHost, () => hostsAsFindings(index)),
  });
  return of('finding').reduce((left, part) => selectSlowly(index, part, left), rows);
}

/** The parts that must all hold. */
export function conjuncts(filters: CompiledFilters): CompiledFilters[] {
  return filters.combines === 'all' ? filters.parts.flatMap(conjuncts) : [filters];
}

interface Wanted {
  /** For each variant whether it is wanted; absent: all are. */
  variants: Uint8Array | undefined;
  hosts: Uint8Array | undefined;
}

function walk(index: IndexedFindings, among: Uint32Array | undefined, wanted: Wanted): Uint32Array {
  const { hosts, variants } = index;
  const count = among?.length ?? hosts.length;
  const isVariant = wanted.variants ?? new Uint8Array(0);
  const isHost = wanted.hosts ?? new Uint8Array(0);
  const [asksVariant, asksHost] = [wanted.variants !== undefined, wanted.hosts !== undefined];
  if (among && !asksVariant && !asksHost) return among;
  const found = new Uint32Array(count);
  let length = 0;
  for (let i = 0; i < count; i++) {
    const row = among ? (among[i] ?? 0) : i;
    if (asksVariant && isVariant[variants[row] ?? 0] !== 1) continue;
    if (asksHost && isHost[hosts[row] ?? 0] !== 1) continue;
    found[length++] = row;
  }
  return found.subarray(0, length);
}

/** A part of which each finding has to be looked at, or whose branches look at variants and hosts. */
function selectSlowly(index: IndexedFindings, filters: CompiledFilters, among: Uint32Array): Uint32Array {
  const { combines, parts } = filters;
  if (!OWN_FIELDS.some((field) => filters.fields.has(field))) return marked(marksOf(index, filters), among);
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

/**
 * Which findings filters select whose parts look at variants or at hosts: a flag for each finding. Each part is evaluated once
 * for each variant or host.
 */
function marksOf(index: IndexedFindings, filters: CompiledFilters): Uint8Array {
  const { parts, combines, fields } = filters;
  const reach = reachOf(filters);
  if (reach === 'variant')
    return spread(
      flags([filters], () => index.variantsFor(fields)),
      index.variants,
    );
  if (reach === 'host')
    return spread(
      flags([filters], () => hostsAsFindings(index)),
      index.hosts,
    );
  const isAny = combines === 'any';
  const marks = new Uint8Array(index.hosts.length).fill(isAny ? 0 : 1);
  for (const part of parts) {
    const others = marksOf(index, part);
    if (isAny)
      for (let row = 0; row < marks.length; row++) marks[row] = (marks[row] ?? 0) | (others[row] ?? 0);
    else for (let row = 0; row < marks.length; row++) marks[row] = (marks[row] ?? 0) & (others[row] ?? 0);
  }
  if (combines === 'not') for (let row = 0; row < marks.length; row++) marks[row] = 1 - (marks[row] ?? 0);
  return marks;
}

/** Flags of variants or hosts as flags of findings. */
function spread(wanted: Uint8Array | undefined, column: Uint32Array): Uint8Array {
  const marks = new Uint8Array(column.length);
  if (wanted) for (let row = 0; row < marks.length; row++) marks[row] = wanted[column[row] ?? 0] ?? 0;
  return marks;
}

function marked(marks: Uint8Array, among: Uint32Array): Uint32Array {
  const found = new Uint32Array(among.length);
  let length = 0;
  for (let i = 0; i < among.length; i++) {
    const row = among[i] ?? 0;
    if (marks[row] === 1) found[length++] = row;
  }
  return found.subarray(0, length);
}

/** Fields that each finding has for itself. */
const OWN_FIELDS = ['plugin_output', 'suspicious_text'];

function reachOf({ fields }: CompiledFilters): Reach {
  const hostFields = [...fields].filter(isHostField).length;
  if (hostFields === fields.size) return 'host';
  return hostFields === 0 && !OWN_FIELDS.some((field) => fields.has(field)) ? 'variant' : 'finding';
}

function inOrder(parts: readonly CompiledFilters[]): CompiledFilters[] {
  return [...parts].sort((a, b) => ORDER.indexOf(reachOf(a)) - ORDER.indexOf(reachOf(b)));
}

function anyOf(index: IndexedFindings, parts: readonly CompiledFilters[], among: Uint32Array): Uint32Array {
  let rest = among;
  for (const part of inOrder(parts)) rest = without(index, rest, selectRows(index, part, rest));
  return without(index, among, rest);
}

function without(index: IndexedFindings, rows: Uint32Array, others: Uint32Array): Uint32Array {
  const isOther = new Uint8Array(index.hosts.length);
  for (const row of others) isOther[row] = 1;
  return rows.filter((row) => isOther[row] !== 1);
}

const asFindings = new WeakMap<IndexedFindings, Finding[]>();

function hostsAsFindings(index: IndexedFindings): readonly Finding[] {
  const known = asFindings.get(index);
  if (known) return known;
  const { hostNames, facts } = index;
  const made = hostNames.map((host, i) => ({ ...facts[i], host }) as unknown as Finding); // they look at no other field
  asFindings.set(index, made);
  return made;
}

/** For each item whether all parts want it; `undefined` without parts. */
function flags(parts: readonly CompiledFilters[], items: () => readonly Finding[]): Uint8Array | undefined {
  if (parts.length === 0) return undefined;
  return Uint8Array.from(items(), (item) => (parts.every((part) => part.matches(item)) ? 1 : 0));
}
