import { compileFilters } from '@nmcp/schema';
import type { Filters } from '@nmcp/types';
import { type FindingGroup, groupRows } from './group_findings.ts';
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

/** What to do first, by `mostUrgent`. It is worked out when the index is built. */
export function fixFirst(index: FindingsIndex): FixFirst[] {
  return index.stored<FixFirst[]>('fixes') ?? workOutFixes(index);
}

/** @internal For the building of an index. */
export function workOutFixes(index: FindingsIndex): FixFirst[] {
  const rows = selectRows(index, compileFilters(ABOVE_INFO));
  const all = groupRows(index, 'fix', rows, { top: Number.POSITIVE_INFINITY }).groups;
  const exploited = countsOf(index, rows, { 'cisa-known-exploited': { exists: true } });
  const exploitable = countsOf(index, rows, { exploit_available: true });
  return all
    .map((group) => ({
      ...group,
      exploited: exploited.get(group.value)?.findings ?? 0,
      exploitable: exploitable.get(group.value)?.findings ?? 0,
    }))
    .sort(mostUrgent)
    .slice(0, MOST);
}

/** Orders steps: what is being exploited, the worst severity, what an exploit is known for, most hosts, most findings. */
function mostUrgent(a: FixFirst, b: FixFirst): number {
  return (
    Math.sign(b.exploited) - Math.sign(a.exploited) ||
    b.max_severity - a.max_severity ||
    Math.sign(b.exploitable) - Math.sign(a.exploitable) ||
    b.hosts - a.hosts ||
    b.findings - a.findings
  );
}

function countsOf(index: FindingsIndex, among: Uint32Array, filters: Filters): Map<string, FindingGroup> {
  const fields = new Set(index.meta.fields);
  if (Object.keys(filters).some((field) => !fields.has(field))) return new Map();
  const rows = selectRows(index, compileFilters(filters), among);
  const { groups } = groupRows(index, 'fix', rows, { top: Number.POSITIVE_INFINITY });
  return new Map(groups.map((group) => [group.value, group]));
}
