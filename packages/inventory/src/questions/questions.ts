import type { InventoryView } from '../inventory_view.ts';
import type { InventoryStore, StoredScan } from '../store/inventory_store.ts';
import { type AssetGroups, assetGroups } from './asset_groups.ts';
import { type FixPlan, type FixPlanQuery, fixPlan } from './fix_plan.ts';
import { type ListedRisk, listRisks } from './list_risks.ts';
import { type NetworkSummary, networkSummary } from './network_summary.ts';
import { type AssetsAsked, type FoundAssets, searchAssets } from './search_assets.ts';
import {
  type CountedFindings,
  countFindings,
  type FoundFindings,
  type SearchFindingsQuery,
  searchFindings,
} from './search_findings.ts';
import type { AssetPlace, Knowledge } from './select_findings.ts';
import { type Trend, type TrendQuery, trend } from './trend.ts';
import {
  type FindingToVerify,
  findingToVerify,
  type Verified,
  type VerifyQuery,
  verified,
} from './verified.ts';

/** What a question is answered from. */
export interface Asked {
  view: InventoryView;
  store: InventoryStore;
  known: Knowledge;
}

/** What can be asked of the inventory; what goes in and out is plain data, which crosses threads. */
export const QUESTIONS = {
  findings: (asked: Asked, query: SearchFindingsQuery): Promise<FoundFindings> =>
    searchFindings(asked, query),
  groups: ({ view, known }: Asked, query: SearchFindingsQuery & { group_by: string }): CountedFindings =>
    countFindings(view, query, known),
  assets: ({ view, store }: Asked, asked: AssetsAsked): Promise<FoundAssets> =>
    searchAssets(view, asked, store),
  plan: ({ view, known }: Asked, query: FixPlanQuery): FixPlan => fixPlan(view, query, known),
  trend: ({ view, known }: Asked, query: TrendQuery): Trend => trend(view, query, known.now),
  network: ({ view, known }: Asked, query: AssetPlace): NetworkSummary => networkSummary(view, query, known),
  risks: ({ view, known }: Asked): ListedRisk[] => listRisks(view, known),
  tags: ({ view, known }: Asked): AssetGroups => assetGroups(view, known),
  to_verify: ({ view }: Asked, asked: { id: string }): FindingToVerify | undefined =>
    findingToVerify(view, asked),
  verified: ({ view }: Asked, query: VerifyQuery): Verified | undefined => verified(view, query),
  scans: ({ view }: Asked): StoredScan[] => [...view.scans],
};

/** Their types. */
export type Questions = typeof QUESTIONS;
/** Name of a question. */
export type QuestionName = keyof Questions;
/** What a question is asked with. */
export type QuestionInput<Name extends QuestionName> = Parameters<Questions[Name]>[1];
/** What is answered. */
export type Answer<Name extends QuestionName> = Awaited<ReturnType<Questions[Name]>>;
