import { type FindingsIndex, refuseHostWords } from '@nmcp/results';
import { type Finding, parseSort } from '@nmcp/schema';
import { type Filters, FiltersSchema, isNmcpError, NmcpError, parseInput } from '@nmcp/types';
import type { FindingRow, FindingsQuery, ScanResults } from './scan_page.tsx';

/** Findings on a page. */
export const FINDINGS_A_PAGE = 50;

type Shown = Pick<ScanResults, 'query' | 'findings' | 'total' | 'pages' | 'problem'>;

/** The findings of a page, worst first; what is wrong with the question is shown beside it. */
export function findingsOf(index: FindingsIndex, query: FindingsQuery, lockdown: boolean): Shown {
  const { severity, host, text, cve, filters: more } = query;
  const has = (field: string): boolean => index.meta.fields.includes(field);
  const filters: Filters = {
    ...(severity ? { severity } : {}),
    ...(host ? { host } : {}),
    ...(text ? (/^\d+$/.test(text) ? { plugin_id: { in: [text] } } : { plugin_name: text }) : {}),
    ...(cve ? { cve } : {}),
  };
  if (cve && !has('cve')) return { query, findings: [], total: 0, pages: 1 };
  try {
    const all = more === undefined ? filters : { all: [filters, parseFilters(more, lockdown)] };
    const selection = index.select(all, parseSort(['-severity']));
    const total = selection.rows.length;
    const pages = Math.max(1, Math.ceil(total / FINDINGS_A_PAGE));
    const start = (Math.min(query.page, pages) - 1) * FINDINGS_A_PAGE;
    const rows = index.window(selection, start, Math.min(total, start + FINDINGS_A_PAGE));
    return { query, findings: rows.map((row) => rowOf(index.finding(row))), total, pages };
  } catch (error) {
    if (!isNmcpError(error)) throw error;
    return { query, findings: [], total: 0, pages: 1, problem: error.message };
  }
}

/** @throws {NmcpError} `invalid_input`; `policy_denied` in lock-down for what reads what hosts have answered */
function parseFilters(text: string, lockdown: boolean): Filters {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NmcpError('invalid_input', 'The filters are no JSON; expected such as {"severity": ">=3"}');
  }
  refuseHostWords(value, { lockdown });
  return parseInput(FiltersSchema, value, 'Filters');
}

function rowOf(finding: Finding): FindingRow {
  const text = (name: string): string => String(finding[name] ?? '');
  return {
    host: text('host'),
    plugin_id: text('plugin_id'),
    plugin_name: text('plugin_name'),
    port: text('port'),
    protocol: text('protocol'),
    severity: Number(text('severity')),
    score: text('cvss_score'),
  };
}
