import type { Filters } from '@nmcp/types';
import { type CompiledFilters, compileFilters } from './filters.ts';
import type { Finding } from './finding.ts';
import { FindingTemplate } from './finding_template.ts';
import { type HostFacts, isHostField } from './host_facts.ts';
import { findingLine, metadataLine, paginationLine, type ScanMetadata, schemaLine } from './json_lines.ts';
import { JsonLinesSink } from './json_lines_sink.ts';
import { assertFields } from './known_fields.ts';
import type { NessusPart } from './nessus_handler.ts';
import { DEFAULT_PAGE_SIZE, type Page, pageOf } from './pages.ts';
import { chooseProjection, type Projection } from './profiles.ts';
import { feedFindings, type ReadNessusOptions, readFindings, withFacts } from './read_nessus.ts';
import { ScanTimes } from './scan_times.ts';
import { compareFindings, parseSort, type SortKey } from './sort.ts';
import type { HostSink } from './whole_hosts.ts';
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
  /** From 1; 0 means everything. @default 1 */
  page?: number | undefined;
  /** Clamped to 10-100. @default 40 */
  pageSize?: number | undefined;
}

/** Opens a document from its start; called twice. */
export type OpenDocument = () => ByteSource | Promise<ByteSource>;

/**
 * Answers a query with lines of JSON-NL: schema, scan_metadata, findings, pagination. The document is read twice, once
 * to count and once to write, so that memory stays flat; an order needs all findings that match in memory.
 *
 * @throws {DocumentError} after the lines of everything that was whole, when the document is damaged.
 * @throws {NmcpError} `invalid_input` before the first line, when the query is wrong.
 */
export async function* queryNessus(
  open: OpenDocument,
  query: FindingsQuery = {},
  options: ReadNessusOptions = {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of answer(open, query, options)) {
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
  open: OpenDocument,
  query: FindingsQuery = {},
  options: ReadNessusOptions = {},
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let block = '';
  try {
    for await (const piece of answer(open, query, options)) {
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
  open: OpenDocument,
  query: FindingsQuery,
  options: ReadNessusOptions,
): AsyncGenerator<string | Uint8Array> {
  const projection = chooseProjection(query.profile, query.customFields);
  const sort = parseSort(query.sort);
  const filters = query.filters ?? {};
  const compiled = compileFilters(filters);
  const { matches: isWanted, fields: filterFields } = compiled;
  pageOf(0, query.page ?? 1, DEFAULT_PAGE_SIZE); // a wrong page is refused before anything is read
  const survey = await surveyDocument(await open(), compiled, options);
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
  if (page.page === 0 && Object.keys(filters).length === 0 && sort.length === 0)
    yield* wholeLines(await open(), projection, survey, options);
  else {
    for await (const finding of findingsOfPage(await open(), isWanted, sort, page, options)) {
      yield findingLine(finding, projection);
    }
  }
  const last = paginationLine(page);
  if (last !== undefined) yield last;
  if (survey.fault) throw survey.fault;
}

/** Every finding's line. */
async function* wholeLines(
  source: ByteSource,
  projection: Projection,
  survey: Survey,
  options: ReadNessusOptions,
): AsyncGenerator<Uint8Array> {
  try {
    yield* convertNessus(source, projection, options);
  } catch (error) {
    if (!survey.fault || !(error instanceof DocumentError)) throw error; // the fault is told at the end
  }
}

/**
 * Turns a document into lines of JSON in UTF-8, one a finding and each ended by `\n`, in one reading: the fastest way
 * through a large document.
 *
 * @throws {DocumentError} after the lines of everything that was whole
 */
export async function* convertNessus(
  source: ByteSource,
  projection: Projection = chooseProjection('full'),
  options: ReadNessusOptions = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const lines = new JsonLinesSink(projection);
  for await (const _ of feedFindings(source, lines, options)) {
    const bytes = lines.take();
    if (bytes.length > 0) yield bytes;
  }
}

/** What a first reading finds out. */
interface Survey {
  matches: number;
  /** Every field that occurs. */
  fields: Set<string>;
  metadata: ScanMetadata;
  fault: DocumentError | undefined;
}

async function surveyDocument(
  source: ByteSource,
  filters: CompiledFilters,
  options: ReadNessusOptions,
): Promise<Survey> {
  const sink = new SurveySink(filters);
  try {
    for await (const _ of feedFindings(source, sink, options));
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    sink.survey.fault = error;
  }
  return sink.survey;
}

/** A finding to lend to the filter, and what makes one where the filter asks of the host. */
interface Surveyed {
  lent: Finding;
  template: FindingTemplate;
}

class SurveySink implements HostSink<Surveyed> {
  readonly survey: Survey = {
    matches: 0,
    fields: new Set(),
    metadata: { scan_name: 'Unknown', hosts: 0 },
    fault: undefined,
  };
  readonly #isWanted: (finding: Finding) => boolean;
  readonly #asksOfHost: boolean;
  readonly #times = new ScanTimes();
  #facts: HostFacts | undefined;

  constructor({ matches, fields }: CompiledFilters) {
    this.#isWanted = matches;
    this.#asksOfHost = [...fields].some((field) => field !== 'host' && isHostField(field));
  }

  part(part: NessusPart): void {
    const { metadata } = this.survey;
    if (part.type === 'host') {
      metadata.hosts++;
      this.#times.add(part.host);
      Object.assign(metadata, this.#times.result());
    } else if (part.type === 'report') metadata.scan_name = part.name;
    else metadata.policy_name = part.name;
  }

  hostFacts(facts: HostFacts): void {
    this.#facts = facts;
    for (const field in facts) this.survey.fields.add(field);
  }

  finding(finding: Finding): void {
    if (this.#isWanted(withFacts(finding, this.#facts))) this.survey.matches++;
    for (const field in finding) this.survey.fields.add(field);
  }

  prepare(finding: Finding): Surveyed {
    return { lent: { ...finding }, template: new FindingTemplate(finding) };
  }

  /** The finding that it is like is lent to the filter with its host and output. */
  known({ lent, template }: Surveyed, host: string, output: string | undefined): void {
    if (this.#asksOfHost) {
      if (this.#isWanted(template.on(host, output, this.#facts))) this.survey.matches++;
      return;
    }
    lent.host = host;
    if (output !== undefined) lent.plugin_output = output;
    if (this.#isWanted(lent)) this.survey.matches++;
    if (output !== undefined) lent.plugin_output = ''; // it would keep the chunk that it came from
  }
}

async function* findingsOfPage(
  source: ByteSource,
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
  source: ByteSource,
  isWanted: (finding: Finding) => boolean,
  options: ReadNessusOptions,
): AsyncGenerator<Finding> {
  try {
    for await (const batch of readFindings(source, options)) {
      for (const event of batch) if (event.type === 'finding' && isWanted(event.finding)) yield event.finding;
    }
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error; // the first reading has found it, and tells it at the end
  }
}
