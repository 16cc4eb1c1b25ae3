import { flagsFor, selectRows } from '@nmcp/results';
import { compileFilters } from '@nmcp/schema';
import type { Filters } from '@nmcp/types';
import type { AcceptedRisk } from '../accepted_risk.ts';
import type { InventoryView } from '../inventory_view.ts';
import { hostMatcher } from './host_matcher.ts';

/** Findings that one accepts, whatever became of them. @throws {NmcpError} `invalid_input` */
export function rowsOfRisk(view: InventoryView, { plugin, cve, host }: AcceptedRisk): Uint32Array {
  const filters: Filters = {
    ...(plugin === undefined ? {} : { plugin_id: String(plugin) }),
    ...(cve === undefined ? {} : { cve: { in: [cve] } }),
  };
  const isThere = host === undefined ? undefined : hostMatcher(host);
  const assets = isThere && flagsFor(view.assets.length, (place) => isThere(view, place));
  const rows = selectRows(view, compileFilters(filters));
  return assets ? rows.filter((row) => assets[view.hosts[row] ?? 0] === 1) : rows;
}

/** For each finding the place of a risk that accepts it, from 1; 0 for none. `undefined` where there are no risks. */
export function acceptedRows(view: InventoryView, risks: readonly AcceptedRisk[]): Uint16Array | undefined {
  if (risks.length === 0) return undefined;
  const accepted = new Uint16Array(view.meta.findings);
  for (const [place, risk] of risks.entries())
    for (const row of rowsOfRisk(view, risk)) accepted[row] = place + 1;
  return accepted;
}
