import { describe, expect, test } from 'vitest';
import { listRisks } from './list_risks.ts';
import { networkSummary } from './network_summary.ts';
import { DAY, known, NOW, threeWeeks } from './questions_test_stage.ts';
import { searchAssets } from './search_assets.ts';
import { countFindings, searchFindings } from './search_findings.ts';

const { store, view, found } = await threeWeeks();

describe('how the network stands', () => {
  test('is counted by zone, with what is exploited and how long it is open', () => {
    const { zones, ...total } = networkSummary(view, {}, known);
    expect(total).toMatchObject({
      ...{ assets: 3, assets_covered: 3, kev: 1, logins: { none: 3 } },
      open: { high: 1, low: 2, critical: 0 },
      days_open: { high: 19, low: 24 },
    });
    expect(zones).toEqual({ nessus: expect.objectContaining({ assets: 3, kev: 1 }) });
  });

  test('is better or worse than a week ago, on the assets known then', () => {
    // the critical one was fixed since; the low one is new
    expect(networkSummary(view, {}, known).change).toEqual({
      since: '2026-01-18T00:00:00Z',
      by: { critical: -1, high: 0, medium: 0, low: 1, info: 0 },
    });
    expect(networkSummary(view, {}, { ...known, now: NOW + 30 * DAY })).not.toHaveProperty('change');
  });

  test('of nothing says why', () => {
    expect(networkSummary(view, { tag: 'none' }, known).why_empty).toMatch(/the inventory has 3/);
  });
});

test('an asset alone has what changed, and what was open after each day', async () => {
  const asset = { zone: 'nessus', identity: '10.1.0.1' };
  const { assets } = await searchAssets(view, { asset }, store);
  const { history = [] } = assets[0] ?? {};
  expect(history.map(({ new: opened, fixed, open }) => [opened, fixed, open?.critical, open?.high])).toEqual([
    [undefined, 1, 0, 0],
    [undefined, 1, 1, 0],
    [2, undefined, 1, 1],
  ]);
  expect(await found({ asset, state: 'all' })).toHaveLength(2);
});

test('accepted findings say who accepted them and why; risks, how many findings they are about', async () => {
  const risk = { id: 'r', plugin: 13, host: '10.2.0.0/24', reason: 'lab', person: 'ann', createdAt: 1 };
  const risks = [{ ...risk, until: NOW + DAY }];
  const { lines } = await searchFindings({ view, store, known: { ...known, risks } }, { state: 'accepted' });
  expect(lines.map((line) => JSON.parse(line).accepted).filter(Boolean)).toEqual(
    Array(2).fill({ reason: 'lab', person: 'ann', until: '2026-01-26T00:00:00Z' }),
  );
  expect(listRisks(view, { ...known, risks })).toMatchObject([{ findings: 2, isOver: false }]);
});

test('groups say since when the oldest of them is there', () => {
  const filters = { severity: '>=low' };
  expect(countFindings(view, { group_by: 'plugin', filters }, known).groups).toMatchObject([
    { value: '11', first_seen: '2026-01-06T00:00:00Z' },
    { value: '13', first_seen: '2026-01-06T00:00:00Z' },
  ]);
});
