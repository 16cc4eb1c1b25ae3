/**
 * Reads .nessus exports as a stream and writes findings as JSON-NL. No I/O, web standards only.
 *
 * @module
 */

export { cleanJsonLine, cleanText, cleanValue } from './clean_text.ts';
export {
  type ComplianceCheck,
  type ComplianceReference,
  type ComplianceResult,
  complianceOf,
} from './compliance.ts';
export { estimateTokens } from './estimate_tokens.ts';
export {
  type Exporter,
  type ExportOptions,
  exportCsv,
  exportHdf,
  exportHtml,
  exportMarkdown,
  exportOcsf,
  exportSarif,
  FORMATS,
  type Format,
  type FormatName,
  type NessusEvents,
} from './exporters/mod.ts';
export type { NamedTable, TableReport } from './exporters/table_report.ts';
export {
  TABLE_FORMATS,
  type TableFormat,
  writeTables,
} from './exporters/tables.ts';
export { Tally } from './exporters/tally.ts';
export { FIELDS, type FieldDescription } from './field_catalogue.ts';
export { filterEvents } from './filter_events.ts';
export { SEVERITY_NAMES, severityName } from './filter_values.ts';
export { type CompiledFilters, compileFilters, type FindingPredicate } from './filters.ts';
export { type FieldValue, type Finding, type Host, listOf, textOf } from './finding.ts';
export { compareVersions, type Fix, fixOf } from './fix_of.ts';
export { hashHex, hashText } from './hash_text.ts';
export { HOST_FIELDS, type HostFacts, hostFacts, isHostField } from './host_facts.ts';
export { distinguish, identityOf, kindOf } from './identity.ts';
export { documentsIn } from './inputs/documents_in.ts';
export type { UnpackLimits } from './inputs/inflate.ts';
export { ofBlob, type StoredBytes } from './inputs/stored_bytes.ts';
export { findingLine, metadataLine, paginationLine, type ScanMetadata, schemaLine } from './json_lines.ts';
export { jsonText } from './json_text.ts';
export { assertFields, KNOWN_FIELDS } from './known_fields.ts';
export { loadFilters } from './load_filters.ts';
export { credentialedChecks, LoginNotes, type LoginOutcome, saysOfLogin } from './login_notes.ts';
export type { NessusEvent, NessusPart, NessusSink } from './nessus_handler.ts';
export { clampPageSize, DEFAULT_PAGE_SIZE, type Page, pageOf } from './pages.ts';
export { chooseProjection, PROFILE_FIELDS, type Projection, project } from './profiles.ts';
export {
  convertNessus,
  type FindingsQuery,
  queryNessus,
  queryNessusBytes,
} from './query_nessus.ts';
export {
  feedFindings,
  feedNessus,
  knownFinding,
  type ReadNessusOptions,
  readFindings,
  readNessus,
} from './read_nessus.ts';
export { ScanTimes } from './scan_times.ts';
export { SEVERITY_WORDS } from './severity.ts';
export { shorten } from './shorten.ts';
export { isWrittenByNoHost, shownFinding, shownLine } from './shown_finding.ts';
export {
  compareFindings,
  compareSortValues,
  compareValues,
  parseSort,
  type SortKey,
  type SortValue,
  sortValue,
} from './sort.ts';
export { sortEvents } from './sort_events.ts';
export {
  eventsOf,
  type FindingsSource,
  type OpenDocument,
  singleDocument,
} from './sources/findings_source.ts';
export {
  type MergedDocuments,
  type MergeOptions,
  mergedDocuments,
  type NamedDocument,
} from './sources/merged_documents.ts';
export type { Survey } from './sources/survey.ts';
export { isSuspicious, TOOL_NAMES } from './suspicious_text.ts';
export {
  createScanValidator,
  type ScanValidation,
  type ScanValidator,
  type ScanValidatorOptions,
} from './validate_scan.ts';
export type { HostSink } from './whole_hosts.ts';
export { type ByteSource, decodeBytes, type TextChunk } from './xml/decode_bytes.ts';
export { DocumentError, type DocumentPosition } from './xml/document_error.ts';
export { XmlTokenizer } from './xml/tokenizer.ts';
export type { XmlHandler, XmlLimits } from './xml/xml_handler.ts';
