import { startProcess } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../asset_rules.ts';
import { numberOfCve, packFeed } from '../feeds/feed.ts';
import { applyWritten, type WrittenScan } from '../inventory_test_stage.ts';
import { loadView } from '../load_view.ts';
import { unpackStates } from '../packed.ts';
import { fixPlan } from '../questions/fix_plan.ts';
import { searchAssets } from '../questions/search_assets.ts';
import { countFindings, type SearchFindingsQuery, searchFindings } from '../questions/search_findings.ts';
import type { InventoryStore } from './inventory_store.ts';
import { openStore } from './open_store.ts';
import { changeTables, emptyStores } from './store_test_stage.ts';

const DAY = 86_400;
const { backends, postgres } = await emptyStores();

const WEEK: WrittenScan = {
  at: 10 * DAY,
  plugins: [1, 2, 19506],
  ports: 'all',
  hosts: { '10.0.0.1': { findings: [{ plugin: 1, port: 80 }] } },
};
const LATER: WrittenScan = { ...WEEK, at: 20 * DAY, hosts: { '10.0.0.1': { findings: [] } } };

describe.each(backends)('an inventory on %s', (_name, make) => {
  test('applies a scan once, and reads the same when it is opened again', async () => {
    const url = await make();
    {
      await using store = await openStore(url);
      expect(await applyWritten(store, WEEK, { taskId: 'a' })).toBe('applied');
      expect(await applyWritten(store, WEEK, { taskId: 'a' })).toBe('known');
      expect(await applyWritten(store, LATER, { taskId: 'b' })).toBe('applied');
    }
    await using store = await openStore(url);
    const [asset] = await store.assetsOf('nessus', ['10.0.0.1']);
    expect(asset && unpackStates(asset.states)).toMatchObject([
      { status: 'open', firstSeen: 10 * DAY, lastSeen: 20 * DAY },
      { status: 'fixed', firstSeen: 10 * DAY, lastSeen: 10 * DAY, fixedAt: 20 * DAY },
    ]);
    expect([...(await store.known()).keys()].sort()).toEqual(['a', 'b']);
  });

  test('is made once by processes that open it at the same time', async () => {
    const url = await make();
    const script = `
      import { openStore } from '@nmcp/inventory/store';
      const store = await openStore(${JSON.stringify(url)});
      console.log(await store.version());
      await store[Symbol.asyncDispose]();`;
    const cwd = new URL('../..', import.meta.url);
    const opened = Array.from({ length: 4 }, () => startProcess(script, { cwd }).ended);
    expect(await Promise.all(opened)).toEqual(Array(4).fill('0\n'));
  });

  test('takes two scans at once, one after the other', async () => {
    const url = await make();
    await using first = await openStore(url);
    await using second = await openStore(url);
    const outcomes = await Promise.all([
      ...Array.from({ length: 4 }, (_, i) =>
        applyWritten(i % 2 === 0 ? first : second, { ...WEEK, at: (10 + i) * DAY }, { taskId: `t${i}` }),
      ),
      applyWritten(second, WEEK, { taskId: 't0' }),
    ]);
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(4);
    expect(await first.scans()).toHaveLength(4);
  });

  test('a commit from a state that has changed changes nothing', async () => {
    await using store = await openStore(await make());
    await applyWritten(store, WEEK, { taskId: 'a' });
    expect(await store.commit({ from: 0, kinds: [], assets: [], removed: [1] })).toBe(false);
    expect(await store.assetsOf('nessus', ['10.0.0.1'])).toHaveLength(1);
  });

  test('a scan of the future is refused, and said to be', async () => {
    await using store = await openStore(await make());
    const future = { ...WEEK, at: Math.floor(Date.now() / 1000) + 40 * DAY };
    expect(await applyWritten(store, future, { taskId: 'a' })).toMatchObject({ refused: /yet to come/ });
    expect((await store.known()).get('a')).toMatch(/yet to come/);
    expect(await store.scans()).toEqual([]);
  });

  test('feeds say what is exploited, and how probable it is; they outlive what is rebuilt', async () => {
    await using store = await openStore(await make());
    const more = `${'<cve>CVE-2020-1234</cve>'.repeat(30)}<cve>CVE-2021-44228</cve><epss_score>0.1</epss_score>`;
    const hosts = { '10.0.0.1': { findings: [{ plugin: 1, more }, { plugin: 2 }] } };
    await applyWritten(store, { ...WEEK, hosts }, { taskId: 'a' });
    const urgent = (): Promise<object[]> => findingsOf(store, { kev: true });
    expect(await urgent()).toEqual([]);
    const cve = numberOfCve('CVE-2021-44228') ?? 0;
    await store.putFeed(packFeed('kev', '2025-11-20', new Map([[cve, 18_950]])));
    await store.putFeed(packFeed('kev', '2025-11-21', new Map([[cve, 18_985]])));
    await store.putFeed(packFeed('epss', '2025-11-22', new Map([[cve, 0.943_58]])));
    expect(await urgent()).toMatchObject([
      {
        plugin_id: '1',
        why_urgent: [
          "on CISA's list of exploited vulnerabilities, to be fixed by 2021-12-24",
          'EPSS 0.94358',
        ],
      },
    ]);
    const view = await loadView(store, DEFAULT_RULES, {});
    const known = { rules: DEFAULT_RULES, risks: [], now: 30 * DAY };
    const feeds = { kev: '2025-11-21', epss: '2025-11-22' };
    const { lines } = await searchFindings({ view, store, known }, {});
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ feeds });
    expect(fixPlan(view, {}, known)).toMatchObject({ feeds, steps: [{ kev: 1 }] });
    await store.clear();
    expect(await store.feeds()).toMatchObject([{ name: 'epss' }, { name: 'kev', entries: 1 }]);
  });

  test('accepted risks end, and are taken back', async () => {
    await using store = await openStore(await make());
    await applyWritten(store, WEEK, { taskId: 'a' });
    const risk = { id: 'r', plugin: 1, reason: 'lab', person: 'ann', until: 100 * DAY, createdAt: 1 };
    await store.addRisk(risk);
    expect(await store.risks()).toEqual([risk]);
    const view = await loadView(store, DEFAULT_RULES, {});
    const open = (now: number): number =>
      countFindings(view, { group_by: 'plugin' }, { rules: DEFAULT_RULES, risks: [risk], now })
        .matching_findings;
    expect([open(50 * DAY), open(101 * DAY)]).toEqual([1, 2]);
    expect([await store.removeRisk('r'), await store.removeRisk('r')]).toEqual([true, false]);
  });

  test('software is found by its name and version, where a scan could log in', async () => {
    await using store = await openStore(await make());
    const listing = {
      plugin: 22869,
      severity: 0,
      output: '  openssh-server-8.0p1-5.el8|(none)\n  an_odd-1.0-1|(none)',
    };
    await applyWritten(
      store,
      { ...WEEK, hosts: { '10.0.0.1': { login: 'yes', findings: [listing] } } },
      { taskId: 'a' },
    );
    const view = await loadView(store, DEFAULT_RULES, {});
    const matching = async (software: string): Promise<number> =>
      (await searchAssets(view, { software }, store)).matching_assets;
    expect(await matching('OpenSSH < 9.8')).toBe(1);
    expect(await matching('openssh >= 9.8')).toBe(0);
    expect(await matching('n_odd')).toBe(1);
    expect(await matching('openssh%server')).toBe(0);
  });

  test('of a later version is refused, and nothing is changed', async () => {
    const url = await make();
    await (await openStore(url))[Symbol.asyncDispose]();
    await changeTables(
      url,
      "INSERT INTO inventory_migrations VALUES ('9999_later', '2030-01-01T00:00:00Z')",
      postgres,
    );
    await expect(openStore(url)).rejects.toMatchObject({ code: 'invalid_config', message: /later version/ });
  });
});

async function findingsOf(store: InventoryStore, query: SearchFindingsQuery): Promise<object[]> {
  const view = await loadView(store, DEFAULT_RULES, {});
  const known = { rules: DEFAULT_RULES, risks: [], now: 30 * DAY };
  const { lines } = await searchFindings({ view, store, known }, query);
  return lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'vulnerability');
}
