import type { Filters } from '@nmcp/types';
import { compileFilters } from './filters.ts';
import type { Finding } from './finding.ts';
import { findingLine, metadataLine, paginationLine, type ScanMetadata, schemaLine } from './json_lines.ts';
import { assertFields } from './known_fields.ts';
import { DEFAULT_PAGE_SIZE, type Page, pageOf } from './pages.ts';
import { chooseProjection } from './profiles.ts';
import { type ReadNessusOptions, readNessus } from './read_nessus.ts';
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
  /** From 1; 0 means everything. @default 1 */
  page?: number | undefined;
  /** Clamped to 10-100. @default 40 */
  pageSize?: number | undefined;
}

/** Opens a document from its start; called twice. */
export type OpenDocument = () => ByteSource | Promise<ByteSource>;

/**
 * Answers a query with lines of JSON-NL: schema, scan_metadata, findings, pagination. The document is read twice, once
 * to count and once to write, so that memory stays flat.
 *
 * @throws {DocumentError} after the lines of everything that was whole, when the document is damaged.
 * @throws {NmcpError} `invalid_input` before the first line, when the query is wrong.
 */
export async function* queryNessus(
  open: OpenDocument,
  query: FindingsQuery = {},
  options: ReadNessusOptions = {},
): AsyncGenerator<string> {
  const projection = chooseProjection(query.profile, query.customFields);
  const filters = query.filters ?? {};
  const isWanted = compileFilters(filters);
  pageOf(0, query.page ?? 1, DEFAULT_PAGE_SIZE); // a wrong page is refused before anything is read
  const survey = await surveyDocument(await open(), isWanted, options);
  assertFields(Object.keys(filters), survey.fields, 'filters');
  assertFields(query.customFields ?? [], survey.fields, 'custom_fields');
  const page = pageOf(survey.matches, query.page ?? 1, query.pageSize ?? DEFAULT_PAGE_SIZE);

  yield schemaLine(projection, filters, survey.matches, page);
  yield metadataLine(survey.metadata);
  for await (const finding of findingsOfPage(await open(), isWanted, page, options)) {
    yield findingLine(finding, projection);
  }
  const last = paginationLine(page);
  if (last !== undefined) yield last;
  if (survey.fault) throw survey.fault;
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
  isWanted: (finding: Finding) => boolean,
  options: ReadNessusOptions,
): Promise<Survey> {
  const survey: Survey = {
    matches: 0,
    fields: new Set(),
    metadata: { scan_name: 'Unknown', hosts: 0 },
    fault: undefined,
  };
  try {
    for await (const batch of readNessus(source, options)) {
      for (const event of batch) {
        if (event.type === 'finding') {
          if (isWanted(event.finding)) survey.matches++;
          for (const field in event.finding) survey.fields.add(field);
        } else if (event.type === 'host') survey.metadata.hosts++;
        else if (event.type === 'report') survey.metadata.scan_name = event.name;
        else survey.metadata.policy_name = event.name;
      }
    }
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    survey.fault = error;
  }
  return survey;
}

async function* findingsOfPage(
  source: ByteSource,
  isWanted: (finding: Finding) => boolean,
  page: Page,
  options: ReadNessusOptions,
): AsyncGenerator<Finding> {
  let index = 0;
  if (page.start >= page.end) return;
  for await (const batch of readNessus(source, options)) {
    for (const event of batch) {
      if (event.type !== 'finding' || !isWanted(event.finding)) continue;
      if (index >= page.start) yield event.finding;
      if (++index >= page.end) return;
    }
  }
}
