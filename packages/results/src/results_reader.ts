import { createHash } from 'node:crypto';
import { lstat, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readAhead } from '@nmcp/files';
import {
  assertFields,
  chooseProjection,
  clampPageSize,
  createScanValidator,
  DEFAULT_PAGE_SIZE,
  DocumentError,
  estimateTokens,
  type Finding,
  type FindingsQuery,
  findingLine,
  metadataLine,
  pageOf,
  paginationLine,
  parseSort,
  readNessus,
  type ScanValidation,
  type ScanValidatorOptions,
  schemaLine,
} from '@nmcp/schema';
import { isNmcpError, messageOf, NmcpError } from '@nmcp/types';
import { buildIndex } from './index/build_index.ts';
import { FindingsIndex } from './index/findings_index.ts';
import { flagging, lineWithin, withShortTexts } from './short_findings.ts';

/** How opening a scan's results went. */
export type ResultsVerdict =
  | ({ readonly valid: true } & ScanValidation)
  | { readonly valid: false; readonly reason: 'xml_invalid' | 'file_not_found'; readonly message: string };

/** Options of {@linkcode createResultsReader}. */
export interface ResultsReaderOptions {
  /** Scans that are kept open at a time, each with about 8 bytes a finding in memory. @default 8 */
  maxOpen?: number;
  /** Milliseconds that an index stays open after it was evicted, since an answer may still be reading it. @default 60_000 */
  lingerMs?: number;
  /** Builds the index of a file that has none. @default {@linkcode buildIndex} */
  build?: (nativePath: string) => Promise<unknown>;
}

/**
 * Reads the findings of finished scans through their index, `findings.db` beside the .nessus file. A missing, damaged or
 * outdated index is rebuilt.
 *
 * Methods take the path of a .nessus file and throw `NmcpError`: `not_found` when it is gone, `damaged_document`,
 * `storage`, and `invalid_input` for a wrong query.
 */
export interface ResultsReader extends Disposable {
  /** Opens a scan's index, building it if there is none. The reader closes it some time after its last use. */
  open(nativePath: string): Promise<FindingsIndex>;
  /** Answers a query with lines of JSON-NL: schema, scan_metadata, findings, pagination. */
  query(nativePath: string, query: ResultsQuery): AsyncGenerator<string>;
  close(): void;
}

/** A query of stored results. */
export interface ResultsQuery extends FindingsQuery {
  /** Instead of a page number: `next_cursor` of the page before, `""` for the first. */
  cursor?: string | undefined;
  /** Instead of a page: as many findings as fit into about this many tokens, at least one, which is cut to fit, and a cursor for the rest. */
  maxTokens?: number | undefined;
  /** Characters of a text; what is longer is cut, with a mark and the length left out. @default whole */
  maxText?: number | undefined;
  /** Said in the scan's line: the scan ended before it was done. */
  partial?: true | undefined;
}

/** Path of the index of a .nessus file. */
export function indexPathOf(nativePath: string): string {
  return join(dirname(nativePath), 'findings.db');
}

/**
 * Makes a reader of results.
 *
 * @example
 * ```ts
 * import { createResultsReader } from '@nmcp/results';
 *
 * using results = createResultsReader();
 * await results.open('/nowhere/scan_native.nessus').catch((error) => console.assert(error.code === 'not_found'));
 * ```
 */
export function createResultsReader({
  maxOpen = 8,
  lingerMs = 60_000,
  build = (nativePath) => buildIndex(nativePath, indexPathOf(nativePath)),
}: ResultsReaderOptions = {}): ResultsReader {
  const opened = new Map<string, { index: FindingsIndex; version: string }>();
  const building = new Map<string, Promise<unknown>>();

  async function open(nativePath: string): Promise<FindingsIndex> {
    const version = await versionOf(nativePath);
    const known = opened.get(nativePath);
    if (known?.version === version) return touch(nativePath, known);
    const index = FindingsIndex.open(indexPathOf(nativePath), nativePath) ?? (await buildAndOpen(nativePath));
    return touch(nativePath, { index, version });
  }

  function touch(path: string, entry: { index: FindingsIndex; version: string }): FindingsIndex {
    const before = opened.get(path);
    if (before && before.index !== entry.index) closeLater(before.index);
    opened.delete(path);
    opened.set(path, entry);
    const [oldest] = opened;
    if (opened.size > maxOpen && oldest) {
      opened.delete(oldest[0]);
      closeLater(oldest[1].index);
    }
    return entry.index;
  }

  function closeLater(index: FindingsIndex): void {
    setTimeout(() => index[Symbol.dispose](), lingerMs).unref();
  }

  /** Callers that arrive while an index is being built wait for it. */
  async function buildAndOpen(nativePath: string): Promise<FindingsIndex> {
    const built = building.get(nativePath) ?? build(nativePath).finally(() => building.delete(nativePath));
    building.set(nativePath, built);
    await built;
    const index = FindingsIndex.open(indexPathOf(nativePath), nativePath);
    if (!index) throw new NmcpError('internal', `${indexPathOf(nativePath)} was built and cannot be opened`);
    return index;
  }

  const close = (): void => {
    for (const { index } of opened.values()) index[Symbol.dispose]();
    opened.clear();
  };

  return {
    open,
    async *query(nativePath, query) {
      yield* queryIndex(await open(nativePath), query);
    },
    close,
    [Symbol.dispose]: close,
  };
}

function* queryIndex(index: FindingsIndex, query: ResultsQuery): Generator<string> {
  const { meta } = index;
  const projection = chooseProjection(query.profile, query.customFields);
  assertFields(query.customFields ?? [], new Set(meta.fields), 'custom_fields');
  const filters = query.filters ?? {};
  pageOf(0, query.page ?? 1, DEFAULT_PAGE_SIZE); // a wrong page is rejected before any search
  const question = questionOf(query);
  const from = query.cursor === undefined ? undefined : readCursor(query.cursor, question);
  const selection = index.select(filters, parseSort(query.sort));
  const total = selection.rows.length;
  const pageSize = clampPageSize(query.pageSize ?? DEFAULT_PAGE_SIZE);
  const page = pageOf(total, from === undefined ? (query.page ?? 1) : 1, pageSize);
  const room = roomOf(query);
  const [start, end] =
    room !== undefined
      ? [Math.min(from ?? 0, total), Math.min((from ?? 0) + MAX_IN_ROOM, total)]
      : from === undefined
        ? [page.start, page.end]
        : [Math.min(from, total), Math.min(from + pageSize, total)];

  yield schemaLine(projection, filters, total, room === undefined && from === undefined ? page : undefined);
  const { scanName: scan_name, policyName: policy_name, hosts, scan_start, scan_end } = meta;
  const { partial } = query;
  yield metadataLine({ scan_name, policy_name, hosts, scan_start, scan_end, partial });
  const rows =
    selection.keys.length === 0 ? selection.rows.subarray(start, end) : index.window(selection, start, end);
  const lineOf = (finding: Finding, most?: number): string =>
    findingLine(most === undefined ? finding : withShortTexts(finding, most), flagging(projection, finding));
  const marks = projection.fields === undefined ? MARK_TOKENS_FULL : MARK_TOKENS;
  let [count, tokens] = [0, AROUND_TOKENS];
  for (const row of rows) {
    const finding = index.finding(row);
    let line = lineOf(finding, query.maxText);
    if (room !== undefined && count === 0 && tokens + estimateTokens(line) + marks > room)
      line = lineWithin(room - tokens - marks, (most) => lineOf(finding, most));
    if (room !== undefined) tokens += estimateTokens(line) + marks;
    if (room !== undefined && count > 0 && tokens > room) break;
    count++;
    yield line;
  }
  const last =
    room !== undefined
      ? cursorLine(count, start + count, total, question)
      : from === undefined
        ? paginationLine(page)
        : cursorLine(pageSize, end, total, question);
  if (last !== undefined) yield last;
}

/** Tokens of the lines around the findings. */
const AROUND_TOKENS = 300;
/** Tokens of what is said of a finding beside its fields: its severity as a word, and which texts are from its host. */
const [MARK_TOKENS, MARK_TOKENS_FULL] = [10, 40];
const MAX_IN_ROOM = 2000;

/** Maximum tokens of an answer. */
function roomOf({ maxTokens, page = 1 }: ResultsQuery): number | undefined {
  if (maxTokens === undefined) return undefined;
  if (page !== 1)
    throw new NmcpError(
      'invalid_input',
      'max_tokens replaces page; continue with cursor, set to the next_cursor of the previous answer',
      { title: 'Invalid input' },
    );
  return maxTokens;
}

/** What a cursor belongs to: another query has other findings in other places. */
function questionOf({ filters = {}, sort = [] }: ResultsQuery): string {
  return createHash('sha256')
    .update(JSON.stringify([filters, sort]))
    .digest('base64url')
    .slice(0, 12);
}

function cursorLine(pageSize: number, end: number, total: number, question: string): string {
  const hasNext = end < total;
  return JSON.stringify({
    type: 'pagination',
    page_size: pageSize,
    has_next: hasNext,
    next_cursor: hasNext ? `${end}.${question}` : null,
  });
}

/** Index of the first finding of a cursor's page. */
function readCursor(cursor: string, question: string): number {
  if (cursor === '') return 0;
  const [, start, belongs] = /^(\d{1,15})\.([\w-]+)$/.exec(cursor) ?? [];
  if (start !== undefined && belongs === question) return Number(start);
  const why = start === undefined ? 'is not a cursor' : 'belongs to other filters or another sort';
  throw new NmcpError(
    'invalid_input',
    `cursor ${JSON.stringify(cursor.slice(0, 40))} ${why}; expected the next_cursor of the previous page, or "" for the first`,
    { title: 'Invalid cursor' },
  );
}

async function versionOf(nativePath: string): Promise<string> {
  try {
    const found = await lstat(nativePath);
    if (!found.isFile()) throw new Error(`${nativePath} is a symbolic link, and links are not followed`);
    return `${found.ino}/${found.size}/${found.mtimeMs}`;
  } catch (error) {
    throw new NmcpError('not_found', 'The results of this scan are no longer stored', {
      title: 'Results not found',
      cause: error,
    });
  }
}

/**
 * Reads a stored .nessus file once: builds its index, says whether it is whole, what is in it, and whether the scanner could
 * log in. An index that cannot be written is left to a later reader: it is a cache, and says nothing of the scan.
 *
 * @throws {NmcpError} `storage` when the file cannot be read
 */
export async function validateResults(
  nativePath: string,
  options: ScanValidatorOptions,
): Promise<ResultsVerdict> {
  if (!(await stat(nativePath).catch(() => undefined)))
    return { valid: false, reason: 'file_not_found', message: 'The results were not stored' };
  try {
    const validation = await buildIndex(nativePath, indexPathOf(nativePath), options).catch(
      (error: unknown) => {
        if (!isNmcpError(error, 'storage')) throw error;
        return validateWithoutIndex(nativePath, options);
      },
    );
    return { valid: true, ...validation };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return {
      valid: false,
      reason: 'xml_invalid',
      message: `The scanner's export is damaged: ${error.message}`,
    };
  }
}

async function validateWithoutIndex(
  nativePath: string,
  options: ScanValidatorOptions,
): Promise<ScanValidation> {
  const validator = createScanValidator(options);
  try {
    for await (const events of readNessus(readAhead(nativePath, { reuse: true })))
      for (const event of events) validator.add(event);
    return validator.result((await stat(nativePath)).size);
  } catch (error) {
    if (error instanceof NmcpError) throw error;
    throw new NmcpError('storage', `${nativePath} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
