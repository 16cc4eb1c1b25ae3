import { compileFilters } from '@nmcp/schema';
import type { Filters } from '@nmcp/types';
import { countByVariant, type GroupCounts, type GroupIds } from './count_groups.ts';
import { type FindingGroup, shownGroup } from './group_findings.ts';
import { fixesAboveInfo } from './grouping.ts';
import type { FindingsIndex } from './index/findings_index.ts';
import { selectRows } from './index/select_rows.ts';

/** A step that removes findings, with how urgent it is. */
export interface FixFirst extends FindingGroup {
  /** Findings that it removes which are in CISA's catalogue of exploited vulnerabilities. */
  exploited: number;
  /** Those for which an exploit is known. */
  exploitable: number;
}

/** Steps that are kept. */
const MOST = 20;
const ABOVE_INFO: Filters = { severity: '>=1' };

/**
 * What to do first: what is being exploited, the worst severity, what an exploit is known for, most hosts, most findings. It is worked
 * out when the index is built.
 */
export function fixFirst(index: FindingsIndex): FixFirst[] {
  return index.stored<FixFirst[]>('fixes') ?? workOutFixes(index);
}

/** @internal For the building of an index. */
export function workOutFixes(index: FindingsIndex): FixFirst[] {
  const rows = selectRows(index, compileFilters(ABOVE_INFO));
  const { ids, names } = fixesAboveInfo(index);
  const counts = countByVariant(index, rows, ids, names.length);
  const exploited = findingsOf(index, { 'cisa-known-exploited': { exists: true } }, ids, counts);
  const exploitable = findingsOf(index, { exploit_available: true }, ids, counts);
  const { findings, hosts, worst } = counts;
  const order = (a: number, b: number): number =>
    isAny(exploited[b]) - isAny(exploited[a]) ||
    (worst[b] ?? 0) - (worst[a] ?? 0) ||
    isAny(exploitable[b]) - isAny(exploitable[a]) ||
    (hosts[b] ?? 0) - (hosts[a] ?? 0) ||
    (findings[b] ?? 0) - (findings[a] ?? 0);
  const groups = Array.from(names.keys()).filter((group) => findings[group] !== 0);
  return groups
    .sort(order)
    .slice(0, MOST)
    .map((group) => ({
      ...shownGroup(names[group] ?? { value: '' }, counts, group),
      exploited: exploited[group] ?? 0,
      exploitable: exploitable[group] ?? 0,
    }));
}

function isAny(count = 0): number {
  return Math.sign(count);
}

/** How many of the findings of each group a filter wants that looks only at what variants say. */
function findingsOf(
  index: FindingsIndex,
  filters: Filters,
  ids: GroupIds,
  { findings, ofVariants }: GroupCounts,
): Uint32Array {
  const wanted = new Uint32Array(findings.length);
  const { fields, matches } = compileFilters(filters);
  if ([...fields].some((field) => !index.meta.fields.includes(field))) return wanted;
  for (const [variant, finding] of index.variantsFor(fields).entries()) {
    const count = ofVariants[variant] ?? 0;
    if (count > 0 && matches(finding))
      for (const group of ids[variant] ?? []) wanted[group] = (wanted[group] ?? 0) + count;
  }
  return wanted;
}
