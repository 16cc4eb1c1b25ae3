/**
 * One memory over all scans: assets and their findings over time, on SQLite or PostgreSQL.
 *
 * @module
 */

export type { AcceptedRisk } from './accepted_risk.ts';
export { appliedScanOf, hasReport } from './applied_scan_of.ts';
export { type Applied, type AppliedScan, applyScan } from './apply/apply_scan.ts';
export { IDENTITY_KINDS, type IdentityKind } from './apply/identity_of_host.ts';
export {
  type HostReport,
  type ReportedHost,
  type ReportedKind,
  reportOf,
  type ScanReport,
} from './apply/scan_report.ts';
export { type AssetGroup, type AssetRules, readAssetRules } from './asset_rules.ts';
export { NOT_LOOKED, type NotLooked } from './finding_state.ts';
export type { Viewer } from './load_view.ts';
export { mergeAssets } from './merge_assets.ts';
export {
  type Inventory,
  type InventoryAsking,
  type OpenInventoryOptions,
  openInventory,
} from './open_inventory.ts';
export type { FixPlan, FixPlanQuery, FixStep } from './questions/fix_plan.ts';
export type { Answer, QuestionInput, QuestionName } from './questions/questions.ts';
export type { AssetScan, AssetsAsked, FoundAsset, FoundAssets } from './questions/search_assets.ts';
export {
  type CountedFindings,
  type FoundFindings,
  INVENTORY_GROUPS,
  type SearchFindingsQuery,
} from './questions/search_findings.ts';
export { ASKED_STATES, type FindingsAsked } from './questions/select_findings.ts';
export type { Trend, TrendQuery, TrendWeek } from './questions/trend.ts';
export type { InventoryStore, StoredScan } from './store/inventory_store.ts';
export { openStore } from './store/open_store.ts';
