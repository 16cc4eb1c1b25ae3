import { type CompiledFilters, compileFilters, isHostField, severityName, shorten } from '@nmcp/schema';
import { type Filters, foldTargets, nearestNames } from '@nmcp/types';
import { type FindingsTable, selectRows } from './index/select_rows.ts';

/** Why an answer is empty. */
export interface EmptyAnswer {
  /** The condition that left nothing. */
  condition: Filters;
  why: string;
  /** Values that there are instead, the nearest or the most frequent. */
  near: string[];
}

/** Values that are named. */
const MOST_NEAR = 10;
const VALUE_LENGTH = 80;
/** Names that are held against the one that was asked for. */
const MOST_COMPARED = 2000;

/**
 * Says why filters select nothing: which condition left nothing, and what there is near it. A condition that selects nothing by
 * itself is named first; else the one that left nothing of what the ones before it selected.
 */
export function explainEmpty(index: FindingsTable, filters: Filters): EmptyAnswer {
  if (index.meta.findings === 0)
    return { condition: {}, why: `The scan has no findings, on ${index.meta.hosts} hosts`, near: [] };
  const compiled = compileFilters(filters);
  const parts = compiled.combines === 'all' && compiled.parts.length > 0 ? compiled.parts : [compiled];
  const all = selectRows(index, compileFilters({}));
  const alone = parts.find((part) => selectRows(index, part).length === 0);
  if (alone) return explain(index, alone, all, '');
  let rows = all;
  for (const part of parts) {
    const left = selectRows(index, part, rows);
    if (left.length === 0)
      return explain(index, part, rows, ` of the ${rows.length} findings that the other conditions select`);
    rows = left;
  }
  return { condition: filters, why: 'Nothing matches', near: [] };
}

/** @param among findings that the other conditions leave, whose values are near */
function explain(
  index: FindingsTable,
  part: CompiledFilters,
  among: Uint32Array,
  which: string,
): EmptyAnswer {
  const condition = part.source;
  const text = shorten(JSON.stringify(condition), 200);
  const fields = [...part.fields];
  const absent = fields.filter((field) => !index.meta.fields.includes(field) && field !== 'host');
  if (absent.length > 0 && absent.length === fields.length)
    return {
      condition,
      why: `No finding of this scan has the field ${absent.join(', ')}, so ${text} selects nothing`,
      near: nearestNames(absent[0] ?? '', index.meta.fields),
    };
  const [field = 'host'] = fields;
  const why = `${text} selects none${which || ' of the findings'}`;
  if (field === 'plugin_output') return { condition, why, near: [] };
  if (field === 'host' || field === 'host_ip') return { condition, ...nearHosts(index, part, among, why) };
  const values = frequent(index, field, among);
  const wanted = String(Object.values(condition)[0]);
  const near = nearestNames(wanted, [...values.keys()].slice(0, MOST_COMPARED));
  const most = [...values].sort(([, a], [, b]) => b - a).map(([value]) => value);
  return {
    condition,
    why: `${why}; near are the values of ${field} there`,
    near: [...new Set([...near, ...most])].slice(0, MOST_NEAR).map((value) => nameOf(field, value)),
  };
}

/** How often a field has which value. */
function frequent(index: FindingsTable, field: string, among: Uint32Array): Map<string, number> {
  const isHost = isHostField(field);
  const column = isHost ? index.hosts : index.variants;
  const counts = new Uint32Array(isHost ? index.hostNames.length : index.briefs.length);
  for (const row of among) {
    const at = column[row] ?? 0;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  const values = isHost
    ? index.valuesOfHosts(field)
    : index.variantsFor(new Set([field])).map((variant) => variant[field]);
  const frequencies = new Map<string, number>();
  counts.forEach((count, i) => {
    if (count === 0) return;
    for (const each of [values[i] ?? []].flat()) {
      const value = shorten(String(each), VALUE_LENGTH);
      frequencies.set(value, (frequencies.get(value) ?? 0) + count);
    }
  });
  return frequencies;
}

/** The hosts that there are, as networks, and those in the networks of the addresses that were asked for. */
function nearHosts(
  index: FindingsTable,
  { source }: CompiledFilters,
  among: Uint32Array,
  why: string,
): Pick<EmptyAnswer, 'why' | 'near'> {
  const seen = new Uint8Array(index.hostNames.length);
  for (const row of among) seen[index.hosts[row] ?? 0] = 1;
  const names = index.hostNames.filter((_, host) => seen[host] === 1);
  const asked = JSON.stringify(source);
  const isSix = /[\da-f]*:[\da-f]*:/i.test(asked);
  const hasSix = names.some((name) => name.includes(':'));
  const networks = [...asked.matchAll(/\d{1,3}\.\d{1,3}\.(?:\d{1,3}\.)?/g)].map(([network]) => network);
  const neighbours = names.filter((name) => networks.some((network) => name.startsWith(network)));
  const similar =
    neighbours.length > 0
      ? neighbours
      : nearestNames(asked.split('"')[3] ?? '', names.slice(0, MOST_COMPARED));
  const folded = foldTargets(names.join(','), 120);
  const family =
    isSix && !hasSix
      ? '; the scan has no IPv6 addresses'
      : !isSix && networks.length > 0 && names.every((name) => name.includes(':'))
        ? '; the scan has IPv6 addresses only'
        : '';
  return {
    why: `${why}${family}; ${names.length} hosts are there: ${folded.text}`,
    near: similar.slice(0, MOST_NEAR),
  };
}

function nameOf(field: string, value: string): string {
  const word = field === 'severity' ? severityName(value) : undefined;
  return word === undefined ? value : `${value} (${word})`;
}
