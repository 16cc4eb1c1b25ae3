import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../asset_rules.ts';
import { applyWritten, type WrittenScan } from '../inventory_test_stage.ts';
import { loadView } from '../load_view.ts';
import { searchAssets } from '../questions/search_assets.ts';
import { searchFindings } from '../questions/search_findings.ts';
import type { InventoryStore } from '../store/inventory_store.ts';
import { openStore } from '../store/open_store.ts';

const DAY = 86_400;
const folder = await tempFolder();
afterAll(() => folder[Symbol.asyncDispose]());

let stores = 0;
const newStore = (): Promise<InventoryStore> => openStore(join(folder.path, `${stores++}.db`));

const WEEK: WrittenScan = {
  at: 10 * DAY,
  plugins: [1, 2, 19506],
  ports: 'all',
  hosts: { '10.0.0.1': { findings: [{ plugin: 1, port: 80 }] } },
};
const LATER: WrittenScan = { ...WEEK, at: 20 * DAY, hosts: { '10.0.0.1': { findings: [] } } };
const BETWEEN = { targets: '10.0.0.0/24' };

/** What became of the findings of plugin 1: on which host, in which state, why nobody looked. */
async function statesOf(store: InventoryStore): Promise<unknown[]> {
  const view = await loadView(store, DEFAULT_RULES, {});
  const known = { rules: DEFAULT_RULES, risks: [], now: 30 * DAY };
  const { lines } = await searchFindings(
    { view, store, known },
    { state: 'all', filters: { plugin_id: '1' } },
  );
  return lines
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'vulnerability')
    .map(({ host, state, not_looked, last_seen }) => [host, state, not_looked, last_seen.slice(0, 10)]);
}

test('a scan without times has that of its task, before and after others', async () => {
  await using store = await newStore();
  await applyWritten(store, { ...LATER, hasTimes: false }, { taskId: 'b' });
  await applyWritten(store, { ...WEEK, hasTimes: false }, { taskId: 'a' });
  expect(await statesOf(store)).toEqual([['10.0.0.1', 'fixed', undefined, '1970-01-11']]);
});

test('a scan without plugin_set fixes nothing that it does not report', async () => {
  await using store = await newStore();
  await applyWritten(store, WEEK, { taskId: 'a' });
  const { plugins: _, ...silent } = LATER;
  await applyWritten(store, silent, { taskId: 'b' });
  expect(await statesOf(store)).toEqual([['10.0.0.1', 'open', 'plugin', '1970-01-11']]);
});

describe('a host that did not answer is away, and nothing on it is fixed', () => {
  const ping = (output: string): WrittenScan['hosts'][string] => ({
    findings: [{ plugin: 10_180, severity: 0, output }],
  });
  test.each<[string, WrittenScan['hosts'][string]]>([
    ['the ping says so', ping('The remote host (10.0.0.1) is considered as dead - not scanning')],
    ['its scan did not end', { findings: [], isDead: true }],
  ])('%s', async (_name, dead) => {
    await using store = await newStore();
    await applyWritten(store, WEEK, { taskId: 'a', ...BETWEEN });
    const hosts = { '10.0.0.1': dead, '10.0.0.2': { findings: [] } };
    await applyWritten(store, { ...LATER, plugins: [1, 10_180, 19_506], hosts }, { taskId: 'b', ...BETWEEN });
    expect(await statesOf(store)).toEqual([['10.0.0.1', 'open', 'host_away', '1970-01-11']]);
    const { assets } = await searchAssets(
      await loadView(store, DEFAULT_RULES, {}),
      { network: '10.0.0.1' },
      store,
    );
    expect(assets).toMatchObject([
      { last_seen: '1970-01-11T00:00:00Z', away_since: '1970-01-21T00:00:00Z', history: [{ task_id: 'a' }] },
    ]);
  });
});

test('two hosts with one name are two; where names make them, they are one', async () => {
  await using store = await newStore();
  const properties = '<tag name="host-fqdn">same.example.org</tag>';
  const hosts = { '10.0.0.1': { findings: [], properties }, '10.0.0.2': { findings: [], properties } };
  await applyWritten(store, { ...WEEK, hosts }, { taskId: 'a' });
  await applyWritten(store, { ...WEEK, hosts }, { taskId: 'b', zone: 'dhcp', identity: 'fqdn' });
  const view = await loadView(store, DEFAULT_RULES, {});
  expect(view.assets.map(({ zone, identity }) => `${zone} ${identity}`)).toEqual([
    'nessus 10.0.0.1',
    'nessus 10.0.0.2',
    'dhcp same.example.org',
  ]);
});

describe('an address that moved to another machine', () => {
  const named = (name: string, findings: WrittenScan['hosts'][string]['findings']): WrittenScan['hosts'] => ({
    '10.0.0.1': {
      findings,
      properties: `<tag name="host-fqdn">${name}.example.org</tag><tag name="agent_uuid">${name}</tag>`,
    },
  });
  const scans = [
    { ...WEEK, hosts: named('old', [{ plugin: 1, port: 80 }]) },
    { ...LATER, hosts: named('new', []) },
  ];

  test('is the same asset where the address makes it, and is called by its new name', async () => {
    await using store = await newStore();
    for (const [i, scan] of scans.entries()) await applyWritten(store, scan, { taskId: `t${i}` });
    expect(await statesOf(store)).toEqual([['10.0.0.1', 'fixed', undefined, '1970-01-11']]);
    const view = await loadView(store, DEFAULT_RULES, {});
    expect(view.assets.map(({ facts }) => facts.host_fqdn)).toEqual(['new.example.org']);
  });

  test.each(['fqdn', 'agent'] as const)(
    'is another asset where the %s makes it: nothing of the old one is fixed',
    async (identity) => {
      await using store = await newStore();
      for (const [i, scan] of scans.entries())
        await applyWritten(store, scan, { taskId: `t${i}`, identity, ...BETWEEN });
      expect(await statesOf(store)).toEqual([['10.0.0.1', 'open', 'host_away', '1970-01-11']]);
      expect((await loadView(store, DEFAULT_RULES, {})).assets).toHaveLength(2);
    },
  );
});

test('several outputs of a plugin on a port are one finding, with the worst severity, and fixed together', async () => {
  await using store = await newStore();
  const said = (output: string, severity: number): object => ({ plugin: 1, port: 80, output, severity });
  const findings = [
    said('one', 1),
    said('two', 3),
    said('three', 2),
  ] as WrittenScan['hosts'][string]['findings'];
  await applyWritten(store, { ...WEEK, hosts: { '10.0.0.1': { findings } } }, { taskId: 'a' });
  const view = await loadView(store, DEFAULT_RULES, {});
  const known = { rules: DEFAULT_RULES, risks: [], now: 30 * DAY };
  const { lines } = await searchFindings({ view, store, known }, { filters: { plugin_id: '1' } });
  expect(lines.slice(1, -1).map((line) => JSON.parse(line).severity)).toEqual(['3']);
  await applyWritten(store, LATER, { taskId: 'b' });
  expect(await statesOf(store)).toEqual([['10.0.0.1', 'fixed', undefined, '1970-01-11']]);
});

test('a scan of some ports leaves what is known of others', async () => {
  await using store = await newStore();
  const port = (number: number): { plugin: number; port: number } => ({ plugin: 11_219, port: number });
  const os = '<tag name="operating-system">Linux</tag>';
  const all = { '10.0.0.1': { findings: [port(22), port(80), port(443)], properties: os } };
  const plugins = [1, 11_219, 19_506];
  await applyWritten(store, { ...WEEK, plugins, hosts: all }, { taskId: 'a' });
  const some = { '10.0.0.1': { findings: [port(443)] } };
  await applyWritten(store, { ...LATER, plugins, ports: 'T:80,443', hosts: some }, { taskId: 'b' });
  const [asset] = (await loadView(store, DEFAULT_RULES, {})).assets;
  expect(asset?.facts.services?.map((service) => service.port)).toEqual([22, 443]);
  expect(asset?.facts.os).toBe('Linux');
});
