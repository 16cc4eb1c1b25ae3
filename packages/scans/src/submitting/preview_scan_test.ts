import { describe, expect, test } from 'vitest';
import { listCredentials, previewScan } from '../mod.ts';
import { callerOf, stage } from '../scans_test_stage.ts';

const alice = callerOf('alice', 'scan:credentials');
const NAMED =
  'linux: {ssh: {username: u, password: planted}}\nothers: {ssh: {username: u, password: p}, callers: [bob]}\n';

describe('a preview', () => {
  test('says what would be launched, and whether somebody has to approve it', async () => {
    await using s = await stage({
      credentials: NAMED,
      policy: 'default: {approval: {credentialed: true, by: operator}}',
    });
    const question = { targets: '10.0.0.0/29, web.example.org', scanner_pool: 'nessus' };
    expect(await previewScan(s.services, alice, question)).toEqual({
      targets: '10.0.0.0/29, web.example.org[10.9.9.9]',
      addresses: 9n,
      scan_type: 'untrusted',
    });
    expect(await previewScan(s.services, alice, { ...question, credential_ref: 'linux' })).toMatchObject({
      scan_type: 'authenticated',
      approval: { by: 'operator', reason: expect.stringMatching(/^it logs in to hosts/) },
    });
    expect(await s.services.tasks.list()).toEqual([]);
    expect(await s.audited()).toEqual([]);
  });

  test('is refused as the submission would be', async () => {
    await using s = await stage({ policy: 'default: {max_hosts_per_day: 20}', credentials: NAMED });
    const ask = (more: object) =>
      previewScan(s.services, alice, { targets: '10.0.0.0/28', scanner_pool: 'nessus', ...more });
    await expect(ask({ targets: '8.8.8.8' })).rejects.toMatchObject({ code: 'policy_denied' });
    await expect(ask({ targets: '10.0.0.0/33' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(ask({ scanner_pool: 'x' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask({ credential_ref: 'others' })).rejects.toThrow(/available are: linux$/);
    await s.submit(alice);
    await expect(ask({})).rejects.toThrow(/16 were submitted in the last 24 hours/);
  });

  test('names of credentials are those that the caller may use', async () => {
    await using s = await stage({ credentials: NAMED });
    expect(await listCredentials(s.services, alice, {})).toEqual(['linux']);
    expect(await listCredentials(s.services, callerOf('bob', 'scan:credentials'), {})).toEqual([
      'linux',
      'others',
    ]);
    expect(await listCredentials(s.services, callerOf('carol', 'scan'), {})).toEqual([]);
  });
});
