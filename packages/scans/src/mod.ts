/**
 * What a caller may do with scans. Each operation is a function of (services, caller, input) that returns a value or throws
 * NmcpError; it enforces scopes, pools, ownership, policy, approval, idempotency, limits and lockdown, and knows nothing of
 * MCP, HTTP, HTML or terminals.
 *
 * @module
 */
// so that frontends need no store for it
export type {
  AcceptedRisk,
  AgedGroup,
  AssetPlace,
  AssetScan,
  CountedFindings,
  FindingsAsked,
  FixPlan,
  FixStep,
  FoundAsset,
  FoundAssets,
  FoundFinding,
  ListedRisk,
  NetworkSummary,
  Trend,
  TrendWeek,
} from '@nmcp/inventory';
export { readFindingId } from '@nmcp/inventory';
export {
  FIRST_EVENT,
  isBefore,
  type SessionEvent,
  type SessionNews,
  type SessionReading,
  type SessionStore,
  type StoredSession,
} from '@nmcp/queue';
export { ranAt } from '@nmcp/tasks';
export {
  type AnswerApprovalInput,
  type ApprovalAnswer,
  answerApproval,
  findApprovalQuestion,
} from './approving/answer_approval.ts';
export { type ApprovalInput, approveScan, type PendingTask, refuseScan } from './approving/approve_scan.ts';
export { listApprovals } from './approving/list_approvals.ts';
export { type CanceledScan, cancelScan } from './cancel_scan.ts';
export { type CheckResult, checked, failed, ok, warning } from './checking/check_result.ts';
export { checkWorkers } from './checking/check_workers.ts';
export { inspectScanners, judgeScanner, type ScannerTest } from './checking/inspect_scanners.ts';
export type { SelfCheck } from './checking/self_check.ts';
export { shownChecks } from './checking/shown_checks.ts';
export {
  type DeadLetter,
  type DeadLetterInput,
  getDeadLetter,
  type ListDeadLettersInput,
  listDeadLetters,
  purgeDeadLetters,
  retryDeadLetter,
} from './dead_letters.ts';
export {
  type AwaitedScan,
  followScan,
  getScanStatus,
  revisionOf,
  type WaitInput,
  type WatchInput,
  waitForScan,
  watchScan,
} from './following/follow_scan.ts';
export { getScan, type ListedScans, type ListScansInput, listScans } from './following/list_scans.ts';
export { findEarlier, findLastScans, type ScanPair } from './following/scan_series.ts';
export { briefListing, taskListing } from './following/scan_status.ts';
export { whyScanWaits } from './following/why_scan_waits.ts';
export {
  checkScanners,
  checkStores,
  deriveKey,
  describeHealth,
  readMetrics,
  type StoresHealth,
} from './health.ts';
export { importReport, type ReportFile } from './import_report.ts';
export { type ImportedScan, importScan } from './import_scan.ts';
export {
  type AcceptRiskInput,
  acceptRisk,
  listAcceptedRisks,
  takeBackRisk,
} from './inventory/accepted_risks.ts';
export { getNetwork } from './inventory/get_network.ts';
export {
  getFixPlan,
  getTrend,
  type ShownPlan,
  searchAssets,
  searchFindings,
} from './inventory/search_inventory.ts';
export { isOffered, mayCall, type Operation, type OperationRules, whyNot } from './operation.ts';
export { EXPORT_FORMATS, exportScan } from './reading/export_scan.ts';
export {
  type FindFindingsInput,
  type FindingsPage,
  findFindings,
  type GetFindingInput,
  getFinding,
  getScanReport,
  listHosts,
  type ScanReport,
} from './reading/find_findings.ts';
export { getScanResults } from './reading/get_scan_results.ts';
export {
  getOverview,
  getQueueCounts,
  type Overview,
  type OverviewInput,
  type QueueCounts,
  watchOverview,
} from './reading/overview.ts';
export {
  type ComparedScans,
  compareScans,
  type FindingGroup,
  GROUP_FIELDS,
  getScanSummary,
  type ScanComparison,
  type ScanSummary,
  type SummarizedScan,
} from './reading/summarize.ts';
export { retryScan } from './retry_scan.ts';
export {
  getPoolStatus,
  getPoolStatuses,
  getQueueStatus,
  listPools,
  listScannerScans,
  listScanners,
} from './scanners.ts';
export type { DatabaseStatus, Services } from './services.ts';
export { LEDGERS } from './submitting/day_ledger.ts';
export { listCredentials } from './submitting/list_credentials.ts';
export { type PreviewScanInput, previewScan, type ScanPreview } from './submitting/preview_scan.ts';
export type { ApprovalQuestion, SubmittedScan } from './submitting/submission.ts';
export { submitAuthenticatedScan, submitScan } from './submitting/submit_scan.ts';
export { unreachableCredentials } from './submitting/unreachable_credentials.ts';
