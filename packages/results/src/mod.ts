/**
 * The findings of finished scans: an index beside each .nessus file, pages, filters, orders.
 *
 * @module
 */

export { type CompareOptions, compareScans } from './comparing/compare_scans.ts';
export { LOGIN_RANKS } from './comparing/looked.ts';
export { isInPortRange } from './comparing/port_range.ts';
export { unreachedHosts } from './comparing/reached.ts';
export type {
  ComparedFinding,
  ComparedFindings,
  ComparedHosts,
  HostChanges,
  ScanComparison,
} from './comparing/scan_comparison.ts';
export { type EmptyAnswer, explainEmpty } from './explain_empty.ts';
export type { FixFirst } from './fix_first.ts';
export {
  type FindingGroup,
  type GroupedFindings,
  type GroupOptions,
  groupFindings,
  groupRows,
  isGroupField,
} from './group_findings.ts';
export { GROUP_FIELDS, type GroupField, type Grouping, type GroupName, grouping } from './grouping.ts';
export { type BuildIndexOptions, buildIndex } from './index/build_index.ts';
export { FindingsIndex, type Selection } from './index/findings_index.ts';
export { type RankedKey, rankBy, windowOf } from './index/rank.ts';
export { type FindingsTable, flagsFor, selectRows } from './index/select_rows.ts';
export {
  createResultsReader,
  indexPathOf,
  type ResultsQuery,
  type ResultsReader,
  type ResultsReaderOptions,
  type ResultsVerdict,
  validateResults,
} from './results_reader.ts';
export { lineWithin } from './short_findings.ts';
export { type HostSummary, type ScanFacts, type ScanSummary, summarizeScan } from './summarize_scan.ts';
export { type Carried, carry, unpack } from './threads/carried_error.ts';
export { FairTurns } from './threads/fair_turns.ts';
export {
  type Asking,
  createPool,
  LimitedJobs,
  type LimitedJobsOptions,
  runJob,
} from './threads/limited_jobs.ts';
export { type OpenResultsOptions, openResults, type Results } from './threads/open_results.ts';
export type {
  Answer,
  FindingsPage,
  IndexedScan,
  LinesQuery,
  PageQuery,
  QuestionInput,
  QuestionName,
  Questions,
  ShownLines,
} from './threads/questions.ts';
