import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES, readAssetRules } from '../asset_rules.ts';
import { applyWritten } from '../inventory_test_stage.ts';
import { loadView } from '../load_view.ts';
import { mergeAssets } from '../merge_assets.ts';
import { openStore } from '../store/open_store.ts';
import { fixPlan } from './fix_plan.ts';
import { DAY, known, NOW, RULES, threeWeeks, WEEKS } from './questions_test_stage.ts';
import { searchAssets } from './search_assets.ts';
import { countFindings, type SearchFindingsQuery, searchFindings } from './search_findings.ts';
import { trend } from './trend.ts';

const { path, store, view, found } = await threeWeeks();

describe('findings over time', () => {
  test('are fixed where somebody looked, and stay open with a reason where nobody did', async () => {
    expect(
      (await found({ state: 'all' })).map(({ host, plugin_id, state, not_looked }) => [
        host,
        plugin_id,
        state,
        not_looked,
      ]),
    ).toEqual([
      ['10.1.0.1', '11', 'fixed', undefined],
      ['10.2.0.1', '11', 'open', 'plugin'],
      ['10.1.0.1', '12', 'fixed', undefined],
      ['10.2.0.1', '13', 'open', undefined],
      ['10.2.0.9', '13', 'open', 'host_away'],
    ]);
  });

  test('name the scans that say so', async () => {
    expect(await found({ state: 'fixed', filters: { plugin_id: '11' } })).toMatchObject([
      { first_scan: 'week0', last_scan: 'week0', fixed_scan: 'week1', fixed_at: '2026-01-13T00:00:00Z' },
    ]);
  });

  test.each<[SearchFindingsQuery, string[]]>([
    [{ kev: true }, ['10.2.0.1']],
    [{ network: '10.2.0.9' }, ['10.2.0.9']],
    [{ tag: 'dmz', state: 'fixed' }, ['10.1.0.1', '10.1.0.1']],
    [{ owner: 'web team', state: 'fixed' }, ['10.1.0.1', '10.1.0.1']],
    [{ since: '2026-01-19' }, ['10.2.0.1']],
    [{ overdue: true }, []],
    [{ filters: { cve: 'CVE-2025-0001' } }, ['10.2.0.1']],
  ])('%j', async (query, hosts) => {
    expect((await found(query)).map(({ host }) => host)).toEqual(hosts);
  });

  test('are overdue by the days of their severity and the tags of their asset', async () => {
    const late = { ...known, now: NOW + 20 * DAY };
    const { lines } = await searchFindings({ view, store, known: late }, { overdue: true });
    expect(lines.filter((line) => line.includes('"overdue":true'))).toHaveLength(1);
  });

  test('are counted by fields of one scan, and by those of the inventory', () => {
    expect(
      countFindings(view, { group_by: 'tag', state: 'all', filters: { severity: '>=low' } }, known),
    ).toMatchObject({
      matching_findings: 5,
      groups: [{ value: 'dmz', findings: 2, hosts: 1, max_severity_name: 'critical' }],
    });
    expect(
      countFindings(view, { group_by: 'port', filters: { severity: '>=low' } }, known).groups,
    ).toHaveLength(2);
    expect(() => countFindings(view, { group_by: 'ownr' }, known)).toThrow(/did you mean "owner"\?/);
  });

  test.each<[SearchFindingsQuery, RegExp]>([
    [{ state: 'reopened' }, /No finding is reopened/],
    [{ tag: 'dnz' }, /No asset is that/],
    [{ filters: { cve: 'CVE-2025-0002' } }, /selects none/],
    [{ since: '2026-02-01' }, /none of them all the rest/],
  ])('nothing for %j says why', async (query, why) => {
    const [head = '{}'] = (await searchFindings({ view, store, known }, query)).lines;
    expect(JSON.parse(head).empty.why).toMatch(why);
  });

  test.each(['yesterday', '2026-13-45'])('since %s is refused', async (since) => {
    await expect(found({ since })).rejects.toThrow(/is no date; expected one such as/);
  });
});

describe('who sees what', () => {
  test('a caller knows what the scans know that it sees, and nothing of the others', async () => {
    const own = await loadView(store, RULES, { owner: 'ann' });
    expect(own.assets.map(({ name }) => name)).toEqual(['10.1.0.1']);
    expect(await found({ state: 'all' }, own)).toMatchObject([
      { plugin_id: '12', state: 'open', first_seen: '2026-01-13T00:00:00Z', last_scan: 'week1' },
    ]);
    const [asset] = (await searchAssets(own, {}, store)).assets;
    expect(asset).not.toHaveProperty('fqdn');
  });

  test('a caller that reads its pools sees those', async () => {
    const of = async (pools: string[]): Promise<number> =>
      (await loadView(store, RULES, { owner: 'eve', pools })).assets.length;
    expect([await of(['nessus']), await of(['other'])]).toEqual([3, 0]);
  });
});

test('the plan says what removes most of what matters', () => {
  const plan = fixPlan(view, {}, known);
  expect(plan).toMatchObject({ open_findings: 3, open_hosts: 2, without_fix: 0, left: 0 });
  expect(plan.steps[0]).toMatchObject({
    do: 'Update Thing to 4.1 or later',
    removes: 3,
    exploited: 1,
    where: '10.2.0.1, 10.2.0.9',
  });
});

test('the trend counts by week', () => {
  const { weeks, days_to_fix, scans } = trend(view, { since: '2026-01-05' }, NOW);
  expect(weeks.map((week) => [week.week, week.new, week.fixed, week.open, week.assets_seen])).toEqual([
    ['2026-01-05', 4, 0, 4, 3],
    ['2026-01-12', 0, 1, 3, 1],
    ['2026-01-19', 1, 1, 3, 2],
  ]);
  expect(days_to_fix).toMatchObject({ high: 7, critical: 14, low: null });
  expect(scans).toBe(3);
});

describe('assets', () => {
  test('say when nobody reached them, and what is open', async () => {
    const { assets } = await searchAssets(view, { network: '10.2.0.0/24' }, store);
    expect(assets).toMatchObject([
      { host: '10.2.0.1', open: { high: 1, low: 1 } },
      { host: '10.2.0.9', open: { low: 1 }, away_since: '2026-01-20T00:00:00Z' },
    ]);
  });

  test('one alone has its services and scans', async () => {
    expect((await searchAssets(view, { port: 22, network: '10.2.0.9' }, store)).assets).toMatchObject([
      { services: ['22/tcp www'], history: [{ task_id: 'week0', login: 'none' }] },
    ]);
  });

  test.each([
    [{ os: 'solaris' }, /No asset has os "solaris"/],
    [{ port: 443, network: '10.2.0.9' }, /Each of port, network has assets, none has all/],
    [
      { software: 'openssh' },
      /lists the software "openssh"; software is listed only where a scan could log in/,
    ],
  ])('none for %j says why', async (asked, why) => {
    expect((await searchAssets(view, asked, store)).why_empty).toMatch(why);
  });
});

describe('inventory.yaml', () => {
  test.each([
    ['groups: [{hosts: []}]', /groups\.0\.hosts/],
    ['groups: [{hosts: [10.0.0.0/99]}]', /groups\.0\.hosts/],
    ['days: {critical: soon}', /days\.critical/],
    ['owners: []', /owners/],
    ['pools: {dmz: {identity: mac}}', /pools\.dmz\.identity/],
    ['a: [', /inventory\.yaml/],
  ])('%s is refused with its place', (text, why) => {
    expect(() => readAssetRules(text)).toThrow(why);
  });

  test('an empty one has the usual days', () => {
    expect(readAssetRules('').days).toEqual(DEFAULT_RULES.days);
  });
});

test('assets that turned out to be one are merged: what one scan saw and another looked for is fixed', async () => {
  await using own = await openStore(path('merged.db'));
  const [first, , last] = WEEKS;
  if (!first || !last) throw new Error('There are three weeks');
  await applyWritten(
    own,
    { ...first, hosts: { '10.9.0.1': { findings: [{ plugin: 12 }] } } },
    { taskId: 'a' },
  );
  await applyWritten(own, { ...last, hosts: { '10.9.0.2': { findings: [] } } }, { taskId: 'b' });
  await mergeAssets(own, 'nessus', ['10.9.0.1', '10.9.0.2']);
  const merged = await loadView(own, RULES, {});
  expect(merged.assets).toMatchObject([{ identity: '10.9.0.1', name: '10.9.0.2' }]);
  expect(await found({ state: 'fixed' }, merged)).toMatchObject([{ plugin_id: '12', fixed_scan: 'b' }]);
  await expect(mergeAssets(own, 'nessus', ['10.9.0.1', '10.9.0.2'])).rejects.toMatchObject({
    code: 'not_found',
  });
});
