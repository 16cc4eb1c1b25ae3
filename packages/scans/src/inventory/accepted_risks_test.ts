import { expect, test } from 'vitest';
import { acceptRisk, listAcceptedRisks, takeBackRisk } from '../mod.ts';
import { callerOf, stage } from '../scans_test_stage.ts';

const admin = callerOf('root', 'admin');

test('admins accept risks and take them back, which is audited; others cannot, and see those of their findings', async () => {
  await using s = await stage();
  const risk = { cve: 'cve-2021-44228', host: '10.0.0.0/8', reason: ' lab ', days: 30 };
  const { id, person, cve } = await acceptRisk(s.services, admin, risk);
  expect([person, cve]).toEqual(['root', 'CVE-2021-44228']);
  expect(await listAcceptedRisks(s.services, admin, {})).toMatchObject([{ id, reason: 'lab', findings: 0 }]);
  expect(await listAcceptedRisks(s.services, callerOf('ann', 'read'), {})).toEqual([]);
  await expect(acceptRisk(s.services, callerOf('ann', 'scan'), risk)).rejects.toMatchObject({
    code: 'policy_denied',
  });
  await takeBackRisk(s.services, admin, { id });
  await expect(takeBackRisk(s.services, admin, { id })).rejects.toMatchObject({ code: 'not_found' });
  expect(await s.audited()).toMatchObject([
    { action: 'risk.accept', caller: 'root', cve: 'CVE-2021-44228', host: '10.0.0.0/8' },
    { action: 'risk.take_back', caller: 'root', risk: id },
  ]);
});

test.each([
  [{}, /plugin, cve: give one of them/],
  [{ plugin: 'x' }, /plugin: expected a number/],
  [{ cve: 'log4shell' }, /cve: expected one such as CVE-2021-44228/],
  [{ plugin: '1', host: '10.0.0.0/99' }, /host: /],
  [{ plugin: '1', days: 0 }, /days: expected a number from 1 to 3650/],
  [{ plugin: '1', reason: ' ' }, /reason: say why/],
])('a wrong one is refused: %j', async (wrong, why) => {
  await using s = await stage();
  await expect(acceptRisk(s.services, admin, { reason: 'lab', days: 30, ...wrong })).rejects.toThrow(why);
});
