import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { afterAll } from 'vitest';
import { type AssetRules, readAssetRules } from '../asset_rules.ts';
import { applyWritten, type WrittenScan } from '../inventory_test_stage.ts';
import type { InventoryView } from '../inventory_view.ts';
import { loadView } from '../load_view.ts';
import type { InventoryStore } from '../store/inventory_store.ts';
import { openStore } from '../store/open_store.ts';
import { type SearchFindingsQuery, searchFindings } from './search_findings.ts';

export const DAY = 86_400;
const MONDAY = Date.UTC(2026, 0, 5) / 1000;
const PLUGINS = [11, 12, 13, 19506];
const KEV = '<xref>CISA-KNOWN-EXPLOITED:2025/05/03</xref><cve>CVE-2025-0001</cve>';

export const RULES: AssetRules = readAssetRules(`
groups:
  - {hosts: [10.1.0.0/16], tags: [dmz], owner: Web team}
days: {critical: 7, high: 30}
days_by_tag: {dmz: {high: 3}}
`);

/** Three weeks of two networks: ann scans 10.1, ben both. */
export const WEEKS: (WrittenScan & { owner: string; targets: string })[] = [
  {
    ...{ at: MONDAY + DAY, plugins: PLUGINS, ports: 'all', owner: 'ben', targets: '10.0.0.0/8' },
    hosts: {
      '10.1.0.1': {
        findings: [
          { plugin: 11, port: 443, severity: 3, more: KEV },
          { plugin: 12, severity: 4 },
        ],
      },
      '10.2.0.1': { findings: [{ plugin: 11, port: 443, severity: 3, more: KEV }] },
      '10.2.0.9': { findings: [{ plugin: 13, port: 22, severity: 1 }] },
    },
  },
  {
    ...{ at: MONDAY + 8 * DAY, plugins: PLUGINS, ports: 'all', owner: 'ann', targets: '10.1.0.0/16' },
    hosts: { '10.1.0.1': { findings: [{ plugin: 12, severity: 4 }] } },
  },
  {
    ...{ at: MONDAY + 15 * DAY, plugins: [12, 13, 19506], ports: 'all', owner: 'ben', targets: '10.0.0.0/8' },
    hosts: {
      '10.1.0.1': { findings: [] },
      '10.2.0.1': { findings: [{ plugin: 13, port: 22, severity: 1 }] },
    },
  },
];

/** When questions are asked, in seconds since 1970. */
export const NOW: number = MONDAY + 20 * DAY;
export const known = { rules: RULES, risks: [], now: NOW };

/** An inventory of these weeks. */
export interface Weeks {
  /** A path for a further one. */
  path: (name: string) => string;
  store: InventoryStore;
  view: InventoryView;
  /** Findings above info. */
  found(query: SearchFindingsQuery, of?: InventoryView): Promise<Record<string, unknown>[]>;
}

/** Makes it; it is gone after the tests of the file. */
export async function threeWeeks(): Promise<Weeks> {
  const folder = await tempFolder();
  const store = await openStore(join(folder.path, 'inventory.db'));
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  for (const [i, { owner, targets, ...week }] of WEEKS.entries())
    await applyWritten(store, week, { taskId: `week${i}`, owner, targets });
  const view = await loadView(store, RULES, {});
  return {
    path: (name) => join(folder.path, name),
    store,
    view,
    found: async (query, of = view) => {
      const above = { ...query, filters: { severity: '>=low', ...query.filters } };
      const { lines } = await searchFindings({ view: of, store, known }, above);
      return lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'vulnerability');
    },
  };
}
