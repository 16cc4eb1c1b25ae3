import type { InventoryView, ViewedAsset } from '../inventory_view.ts';
import type { Knowledge } from './select_findings.ts';

/** A group of inventory.yaml, and how many assets it has. */
export interface CountedGroup {
  hosts: readonly string[];
  tags: readonly string[];
  owner?: string;
  assets: number;
}

/** Assets by their tags and owners. */
export interface AssetGroups {
  /** In the order of the file; one without assets can be a mistake. */
  groups: CountedGroup[];
  /** Assets by tag, and by owner. */
  tags: Record<string, number>;
  owners: Record<string, number>;
  untagged: number;
  unowned: number;
}

/** Which tags and owners the assets have by the operator's rules. */
export function assetGroups({ assets }: InventoryView, { rules }: Knowledge): AssetGroups {
  return {
    groups: rules.groups.map(({ hosts, tags, owner, has }) => ({
      ...{ hosts, tags, ...(owner === undefined ? {} : { owner }) },
      assets: assets.filter(({ name, facts }) => has({ ...facts, host: name })).length,
    })),
    tags: countBy(assets, ({ tags }) => tags),
    owners: countBy(assets, ({ owner }) => owner ?? []),
    untagged: assets.filter(({ tags }) => tags.length === 0).length,
    unowned: assets.filter(({ owner }) => owner === undefined).length,
  };
}

function countBy(
  assets: readonly ViewedAsset[],
  valuesOf: (asset: ViewedAsset) => readonly string[] | string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of assets.flatMap(valuesOf)) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
