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
 * Finds the findings that filters select: their numbers, ascending. A part that looks only at what variants or hosts have in
 * common is evaluated once for each of these; plugin_output is read only where all else holds.
 */
export function selectRows(
  index: IndexedFindings,
  filters: CompiledFilters,
  among: Uint32Array = allRows(index),
): Uint32Array {
  const reach = reachOf(filters);
  if (reach === 'variant')
    return within(among, index.variants, flags(index.variantsFor(filters.fields), filters.matches));
  if (reach === 'host') return within(among, index.hosts, flags(hostsAsFindings(index), filters.matches));
  const { combines, parts } = filters;
  if (combines === 'all') return inOrder(parts).reduce((rows, part) => selectRows(index, part, rows), among);
  if (combines === 'any') return anyOf(index, parts, among);
  if (combines === 'not') {
    const selected = parts.reduce((rows, part) => selectRows(index, part, rows), among);
    return without(index, among, selected);
  }
  const look: (row: number) => object = filters.fields.has('plugin_output')
    ? (row) => ({ plugin_output: index.output(row) })
    : (row) => (index.suspicious.has(row) ? { suspicious_text: true } : {});
  return among.filter((row) => filters.matches(look(row) as Finding)); // it looks at no other field
}

/** Fields that each finding has for itself. */
const OWN_FIELDS = ['plugin_output', 'suspicious_text'];

function allRows(index: IndexedFindings): Uint32Array {
  const rows = new Uint32Array(index.hosts.length);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  return rows;
}

function reachOf({ fields, combines }: CompiledFilters): Reach {
  if (fields.size === 0 && combines === 'all') return 'finding'; // all of nothing selects everything
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

function within(rows: Uint32Array, column: Uint32Array, wanted: Uint8Array): Uint32Array {
  const found = new Uint32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    if (wanted[column[row] ?? 0] === 1) found[count++] = row;
  }
  return found.slice(0, count);
}

function without(index: IndexedFindings, rows: Uint32Array, others: Uint32Array): Uint32Array {
  const isOther = new Uint8Array(index.hosts.length);
  for (const row of others) isOther[row] = 1;
  return rows.filter((row) => isOther[row] !== 1);
}

function hostsAsFindings({ hostNames, facts }: IndexedFindings): Finding[] {
  return hostNames.map((host, i) => ({ ...facts[i], host }) as unknown as Finding); // they look at no other field
}

function flags<T>(items: readonly T[], test: (item: T) => boolean): Uint8Array {
  return Uint8Array.from(items, (item) => (test(item) ? 1 : 0));
}
