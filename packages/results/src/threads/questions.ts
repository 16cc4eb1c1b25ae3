import { estimateTokens, type Finding, parseSort, shownLine } from '@nmcp/schema';
import { type Filters, NmcpError } from '@nmcp/types';
import { type CompareOptions, compareScans } from '../comparing/compare_scans.ts';
import type { ScanComparison } from '../comparing/scan_comparison.ts';
import { type EmptyAnswer, explainEmpty } from '../explain_empty.ts';
import { type FixFirst, fixFirst } from '../fix_first.ts';
import { type GroupedFindings, type GroupOptions, groupFindings } from '../group_findings.ts';
import type { FindingsIndex } from '../index/findings_index.ts';
import type { ResultsQuery, ResultsReader } from '../results_reader.ts';
import { factsOf, type ScanFacts, type ScanSummary, summarizeScan } from '../summarize_scan.ts';

/** Which findings, and which of them. */
export interface PageQuery {
  filters?: Filters | undefined;
  /** Field names, those with `-` in front descending. @default as in the file */
  sort?: string[] | undefined;
  /** From 1; beyond the end, the last page. */
  page: number;
  page_size: number;
}

/** A page of findings. */
export interface FindingsPage {
  findings: Finding[];
  /** Number of the findings that match. */
  total: number;
  pages: number;
  /** Why there are none. */
  empty?: EmptyAnswer;
}

/** Which lines, and how they may be shown. */
export interface LinesQuery extends ResultsQuery {
  /** What a host can have written is left out. */
  lockdown: boolean;
}

/** Lines of JSON-NL as they may be shown. */
export interface ShownLines {
  /** Schema, scan_metadata, findings, pagination. */
  lines: string[];
  /** About how many tokens all but the first are. */
  tokens: number;
}

/** What a scan's index says of it as a whole. */
export interface IndexedScan {
  summary: ScanSummary;
  /** Whether the scanner could log in, by host. */
  logins: Readonly<Record<string, string>>;
  /** Fields that its findings have. */
  fields: readonly string[];
  /** What to do first. */
  fixes: readonly FixFirst[];
}

/** Characters of the findings of one answer. */
const MAX_ANSWER_LENGTH = 16 * 1024 * 1024;

/**
 * What can be asked about stored scans. Each takes the path of a .nessus file; what it is given and answers is plain data,
 * which crosses threads.
 */
export const QUESTIONS = {
  /** Lines of JSON-NL, cleaned and marked here, where it holds up nobody. */
  async lines(reader: ResultsReader, path: string, { lockdown, ...query }: LinesQuery): Promise<ShownLines> {
    const found: string[] = [];
    const room = new Room('page_size, max_tokens, filters or a profile with fewer fields');
    for await (const line of reader.query(path, query)) {
      room.take(line.length);
      found.push(line);
    }
    const explainedLines = explained(found, await reader.open(path), query);
    const lines = explainedLines.map((line) => shownLine(line, { lockdown }));
    return { lines, tokens: lines.slice(1).reduce((sum, line) => sum + estimateTokens(line), 0) };
  },

  /** A page of findings, as values. */
  async page(
    reader: ResultsReader,
    path: string,
    { filters = {}, sort, page, page_size }: PageQuery,
  ): Promise<FindingsPage> {
    const index = await reader.open(path);
    const selection = index.select(filters, parseSort(sort));
    const total = selection.rows.length;
    const pages = Math.max(1, Math.ceil(total / page_size));
    const start = (Math.min(page, pages) - 1) * page_size;
    const rows = index.window(selection, start, Math.min(total, start + page_size));
    const empty = total === 0 ? { empty: explainEmpty(index, filters) } : {};
    return { findings: findingsOf(index, rows), total, pages, ...empty };
  },

  /** The first findings that match, in the file's order. */
  async first(
    reader: ResultsReader,
    path: string,
    { filters, count }: { filters: Filters; count: number },
  ): Promise<Finding[]> {
    const index = await reader.open(path);
    return findingsOf(index, index.select(filters).rows.subarray(0, count));
  },

  async scan(reader: ResultsReader, path: string): Promise<IndexedScan> {
    const index = await reader.open(path);
    const { logins } = index.validation;
    return { summary: summarizeScan(index), logins, fields: index.meta.fields, fixes: fixFirst(index) };
  },

  /** The scan's summary, or that of some of its findings. */
  async summary(
    reader: ResultsReader,
    path: string,
    { filters }: { filters?: Filters | undefined },
  ): Promise<ScanSummary> {
    return summarizeScan(await reader.open(path), filters);
  },

  async hostNames(reader: ResultsReader, path: string): Promise<readonly string[]> {
    return (await reader.open(path)).hostNames;
  },

  async groups(
    reader: ResultsReader,
    path: string,
    { by, ...options }: GroupOptions & { by: string },
  ): Promise<ScanFacts & GroupedFindings> {
    const index = await reader.open(path);
    return { ...factsOf(index), ...groupFindings(index, by, options) };
  },

  /** What changed from this scan to a later one. */
  async changes(
    reader: ResultsReader,
    path: string,
    { later, ...options }: CompareOptions & { later: string },
  ): Promise<ScanComparison> {
    const earlier = await reader.open(path);
    return compareScans(earlier, await reader.open(later), options);
  },
} as const;

/** {@linkcode QUESTIONS} */
export type Questions = typeof QUESTIONS;
/** Name of a question. */
export type QuestionName = keyof Questions;
/** What a question is asked with, beside the path of the file. */
export type QuestionInput<Name extends QuestionName> = Parameters<Questions[Name]>[2];
/** What it answers. */
export type Answer<Name extends QuestionName> = Awaited<ReturnType<Questions[Name]>>;

/** Lines, the first with why there are no findings, the second with whether the scanner could log in. */
function explained(lines: readonly string[], index: FindingsIndex, { filters = {} }: ResultsQuery): string[] {
  const [schema = '{}', metadata = '{}', ...rest] = lines;
  const first = JSON.parse(schema);
  const empty = first.total_vulnerabilities === 0 ? { empty: explainEmpty(index, filters) } : {};
  const { credentialed } = factsOf(index);
  return [
    JSON.stringify({ ...first, ...empty }),
    JSON.stringify({ ...JSON.parse(metadata), credentialed }),
    ...rest,
  ];
}

function findingsOf(index: FindingsIndex, rows: Iterable<number>): Finding[] {
  const findings: Finding[] = [];
  const room = new Room('a smaller page or filters');
  for (const row of rows) {
    const finding = index.finding(row);
    for (const value of Object.values(finding)) room.take(String(value).length);
    findings.push(finding);
  }
  return findings;
}

/** Room of one answer. */
class Room {
  readonly #wayOut: string;
  #left = MAX_ANSWER_LENGTH;

  constructor(wayOut: string) {
    this.#wayOut = wayOut;
  }

  /** @throws {NmcpError} `invalid_input` when there is none left */
  take(length: number): void {
    this.#left -= length;
    if (this.#left >= 0) return;
    throw new NmcpError(
      'invalid_input',
      `The answer would be longer than ${MAX_ANSWER_LENGTH / 1024 / 1024} MB; ask for less at a time, by ${this.#wayOut}, or export the scan`,
      { title: 'Answer too long' },
    );
  }
}
