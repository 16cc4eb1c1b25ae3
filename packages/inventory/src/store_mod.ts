/**
 * The store of the inventory, for those who open it themselves: it is read and changed in their own thread.
 *
 * @module
 */

export type { AcceptedRisk } from './accepted_risk.ts';
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
export type { Feed, FeedName } from './feeds/feed.ts';
export { readFeed } from './feeds/read_feed.ts';
export { mergeAssets } from './merge_assets.ts';
export type { InventoryStore, StoredScan } from './store/inventory_store.ts';
export { openStore } from './store/open_store.ts';
