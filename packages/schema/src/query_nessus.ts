import type { Filters } from '@nmcp/types';
import type { Finding } from './finding.ts';
import { findingLine, hostLine, metadataLine, paginationLine, schemaLine } from './json_lines.ts';
import { JsonLinesSink } from './json_lines_sink.ts';
import { assertFields } from './known_fields.ts';
import { loadFilters } from './load_filters.ts';
import { DEFAULT_PAGE_SIZE, type Page, pageOf } from './pages.ts';
import { chooseProjection, type Projection } from './profiles.ts';
import type { ReadNessusOptions } from './read_nessus.ts';
import { SmallLines } from './small_lines.ts';
import { compareFindings, parseSort, type SortKey } from './sort.ts';
import {
  eventsOf,
  type FindingsSource,
  type OpenDocument,
  singleDocument,
} from './sources/findings_source.ts';
import type { Survey } from './sources/survey.ts';
import type { ByteSource } from './xml/decode_bytes.ts';
import { DocumentError } from './xml/document_error.ts';

/** Which findings, which fields, which page. */
export interface FindingsQuery {
  /** @default "brief" */
  profile?: string | undefined;
  /** Fields in place of a profile. */
  customFields?: readonly string[] | undefined;
  /** All must hold. @default {} */
  filters?: Filters | undefined;
  /** Field names, those with `-` in front descending; ties stay in the file's order. @default the file's order */
  sort?: readonly string[] | undefined;
  /** A line for each host with its facts, before the findings. @default false */
  hosts?: boolean | undefined;
  /** From 1; 0 means everything. @default 1 */
  page?: number | undefined;
  /** Clamped to 10-100. @default 40 */
  pageSize?: number | undefined;
}

/**
 * Answers a query with lines of JSON-NL: schema, scan_metadata, findings, pagination. A document that is not small is read twice,
 * once to count and once to write, so that memory stays flat; an order needs all findings that match in memory.
 *
 * @throws {DocumentError} after the lines of everything that was whole, when the document is damaged.
 * @throws {NmcpError} `invalid_input` before the first line, when the query is wrong.
 */
export async function* queryNessus(
  from: OpenDocument | FindingsSource,
  query: FindingsQuery = {},
  options: ReadNessusOptions = {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of answer(from, query, options)) {
    if (typeof piece === 'string') yield piece;
    else yield* decoder.decode(piece).slice(0, -1).split('\n');
  }
}

/** Characters of lines that are encoded together. */
const BLOCK_LENGTH = 32_768;

/**
 * {@linkcode queryNessus} in UTF-8: blocks of whole lines, each ended by `\n`, as they can be written.
 *
 * @throws like {@linkcode queryNessus}
 */
export async function* queryNessusBytes(
  from: OpenDocument | FindingsSource,
  query: FindingsQuery = {},
  options: ReadNessusOptions = {},
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let block = '';
  try {
    for await (const piece of answer(from, query, options)) {
      if (typeof piece === 'string') block += `${piece}\n`;
      if (block !== '' && (typeof piece !== 'string' || block.length > BLOCK_LENGTH)) {
        yield encoder.encode(block);
        block = '';
      }
      if (typeof piece !== 'string') yield piece;
    }
  } catch (error) {
    if (block !== '') yield encoder.encode(block);
    throw error;
  }
  if (block !== '') yield encoder.encode(block);
}

/** The answer in pieces: a line without its end, or a block of lines in UTF-8. */
async function* answer(
  from: OpenDocument | FindingsSource,
  query: FindingsQuery,
  options: ReadNessusOptions,
): AsyncGenerator<string | Uint8Array> {
  const source = typeof from === 'function' ? singleDocument(from) : from;
  const projection = chooseProjection(query.profile, query.customFields);
  const sort = parseSort(query.sort);
  const filters = query.filters ?? {};
  const compiled = await loadFilters(filters);
  const { matches: isWanted, fields: filterFields } = compiled;
  pageOf(0, query.page ?? 1, DEFAULT_PAGE_SIZE); // a wrong page is refused before anything is read
  const wantsAll = query.page === 0 && Object.keys(filters).length === 0 && sort.length === 0;
  const small = wantsAll ? new SmallLines(projection) : undefined;
  const survey = await source.survey(compiled, options, small);
  assertFields(filterFields, survey.fields, 'filters');
  assertFields(query.customFields ?? [], survey.fields, 'custom_fields');
  assertFields(
    sort.map(({ field }) => field),
    survey.fields,
    'sort',
  );
  const page = pageOf(survey.matches, query.page ?? 1, query.pageSize ?? DEFAULT_PAGE_SIZE);

  yield schemaLine(projection, filters, survey.matches, page);
  yield metadataLine(survey.metadata);
  if (query.hosts) for (const [host, facts] of survey.hosts) yield hostLine(host, facts);
  const lines = small?.take();
  if (lines) {
    if (lines.length > 0) yield lines;
  } else if (wantsAll) yield* wholeLines(source, projection, survey, options);
  else {
    for await (const finding of findingsOfPage(source, isWanted, sort, page, options)) {
      yield findingLine(finding, projection);
    }
  }
  const last = paginationLine(page);
  if (last !== undefined) yield last;
  if (survey.fault) throw survey.fault;
}

/** Every finding's line. */
async function* wholeLines(
  source: FindingsSource,
  projection: Projection,
  survey: Survey,
  options: ReadNessusOptions,
): AsyncGenerator<Uint8Array> {
  try {
    yield* linesOf(source, projection, options);
  } catch (error) {
    if (!survey.fault || !(error instanceof DocumentError)) throw error; // the fault is told at the end
  }
}

/**
 * Turns a document into lines of JSON in UTF-8, one a finding and each ended by `\n`, in one reading: the fastest way
 * through a large document. The lines are the caller's; the buffer that they begin can be longer than they are.
 *
 * @throws {DocumentError} after the lines of everything that was whole
 */
export async function* convertNessus(
  source: ByteSource,
  projection: Projection = chooseProjection('full'),
  options: ReadNessusOptions = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield* linesOf(
    singleDocument(() => source),
    projection,
    options,
  );
}

async function* linesOf(
  source: FindingsSource,
  projection: Projection,
  options: ReadNessusOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const lines = new JsonLinesSink(projection);
  for await (const _ of source.feed(lines, options)) {
    const bytes = lines.take();
    if (bytes.length > 0) yield bytes;
  }
}

async function* findingsOfPage(
  source: FindingsSource,
  isWanted: (finding: Finding) => boolean,
  sort: readonly SortKey[],
  page: Page,
  options: ReadNessusOptions,
): AsyncGenerator<Finding> {
  if (page.start >= page.end) return;
  const wanted = wantedFindings(source, isWanted, options);
  if (sort.length > 0) {
    const all: Finding[] = []; // an order needs them all
    for await (const finding of wanted) all.push(finding);
    yield* all.sort((a, b) => compareFindings(a, b, sort)).slice(page.start, page.end);
    return;
  }
  let index = 0;
  for await (const finding of wanted) {
    if (index >= page.start) yield finding;
    if (++index >= page.end) return;
  }
}

async function* wantedFindings(
  source: FindingsSource,
  isWanted: (finding: Finding) => boolean,
  options: ReadNessusOptions,
): AsyncGenerator<Finding> {
  try {
    for await (const batch of eventsOf(source, options)) {
      for (const event of batch) if (event.type === 'finding' && isWanted(event.finding)) yield event.finding;
    }
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error; // the first reading has found it, and tells it at the end
  }
}
