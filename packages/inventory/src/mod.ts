/**
 * One memory over all scans: assets and their findings over time, asked in threads of its own. What works on the store itself is in
 * `@nmcp/inventory/store`.
 *
 * @module
 */

export { appliedScanOf, hasReport } from './applied_scan_of.ts';
export type { Applied, AppliedScan } from './apply/apply_scan.ts';
export type { Viewer } from './load_view.ts';
export {
  type Inventory,
  type InventoryAsking,
  type OpenInventoryOptions,
  openInventory,
} from './open_inventory.ts';
export type { FixPlan, FixPlanQuery, FixStep } from './questions/fix_plan.ts';
export type { Answer, QuestionInput, QuestionName } from './questions/questions.ts';
export type { AssetScan, AssetsAsked, FoundAsset, FoundAssets } from './questions/search_assets.ts';
export type { CountedFindings, FoundFindings, SearchFindingsQuery } from './questions/search_findings.ts';
export type { FindingsAsked } from './questions/select_findings.ts';
export type { Trend, TrendQuery, TrendWeek } from './questions/trend.ts';
