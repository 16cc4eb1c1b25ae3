/**
 * One memory over all scans: assets and their findings over time, asked in threads of its own. What works on the store itself is in
 * `@nmcp/inventory/store`.
 *
 * @module
 */

export type { AcceptedRisk } from './accepted_risk.ts';
export { appliedScanOf } from './applied_scan_of.ts';
export type { Applied, AppliedScan } from './apply/apply_scan.ts';
export { type FindingPlace, readFindingId } from './finding_id.ts';
export type { Viewer } from './load_view.ts';
export {
  type Inventory,
  type InventoryAsking,
  type OpenInventoryOptions,
  openInventory,
} from './open_inventory.ts';
export type { AssetDetails, AssetScan } from './questions/asset_details.ts';
export type { AssetGroups, CountedGroup } from './questions/asset_groups.ts';
export type { FixPlan, FixPlanQuery, FixStep } from './questions/fix_plan.ts';
export type { ListedRisk } from './questions/list_risks.ts';
export { COVERED_DAYS, type NetworkSummary, type StandingCounts } from './questions/network_summary.ts';
export type { Answer, QuestionInput, QuestionName } from './questions/questions.ts';
export type { AssetsAsked, FoundAsset, FoundAssets } from './questions/search_assets.ts';
export type {
  AgedGroup,
  CountedFindings,
  FoundFindings,
  SearchFindingsQuery,
} from './questions/search_findings.ts';
export type { AssetPlace, FindingsAsked } from './questions/select_findings.ts';
export type { FoundFinding } from './questions/shown_finding.ts';
export type { Trend, TrendQuery, TrendWeek } from './questions/trend.ts';
export type { FindingToVerify, Verified, VerifiedFinding, VerifyQuery } from './questions/verified.ts';
