import { describe, expect, test } from 'vitest';
import { previewScan, unreachableCredentials } from '../mod.ts';
import { callerOf, stage } from '../scans_test_stage.ts';

const CREDENTIALS = `
bound:
  ssh: {username: audit, password: planted}
  targets: [10.0.0.0/24, '*.linux.example.org']
free:
  ssh: {username: audit, password: planted}
`;
const alice = callerOf('alice', 'scan:credentials');
/** The stage resolves each name to 10.9.9.9. */
const ask = (credential_ref: string, targets: string): object => ({
  credential_ref,
  targets,
  ssh_username: undefined,
  ssh_password: undefined,
});

describe('named credentials with targets', () => {
  test.each(['10.0.0.7', '10.0.0.0/28', 'web.linux.example.org'])('are used on %s', async (targets) => {
    await using s = await stage({ credentials: CREDENTIALS });
    const { task } = await s.submitWithLogin(alice, ask('bound', targets));
    expect(task.credential_targets).toEqual(['10.0.0.0/24', '*.linux.example.org']);
  });

  test.each(['10.0.1.7', '10.0.0.0/16', 'mine.example.com', '10.0.0.1, 10.0.1.1'])(
    'are used on no part of %s, which is audited',
    async (targets) => {
      await using s = await stage({ credentials: CREDENTIALS });
      const refused = {
        code: 'policy_denied',
        message: expect.stringMatching(/not one that these credentials/),
      };
      await expect(s.submitWithLogin(alice, ask('bound', targets))).rejects.toMatchObject(refused);
      expect(await s.services.tasks.list()).toEqual([]);
      expect(await s.audited()).toMatchObject([{ action: 'scan.submit', decision: 'denied' }]);
      const input = { targets, scanner_pool: 'nessus', credential_ref: 'bound' };
      await expect(previewScan(s.services, alice, input)).rejects.toMatchObject(refused);
    },
  );

  test('and those without are told of', async () => {
    await using s = await stage({ credentials: CREDENTIALS });
    expect(await s.services.credentials.unbound()).toEqual(['free']);
    await s.submitWithLogin(alice, ask('free', '10.0.1.7'));
  });

  test.each([
    ['networks', '[8.8.8.0/24]'],
    ['a name', '[web.example.org]'],
  ])('that overlap nothing are told of, and refused with words: %s', async (_name, targets) => {
    const policy = 'default:\n  allow: [10.0.0.0/24]\n';
    const yaml = `lost: {ssh: {username: a, password: b}, targets: ${targets}}\n${CREDENTIALS}`;
    await using s = await stage({ credentials: yaml, policy });
    expect(await unreachableCredentials(s.services)).toEqual(['lost']);
    await expect(s.submitWithLogin(alice, ask('lost', '10.0.0.7'))).rejects.toMatchObject({
      code: 'policy_denied',
      message: expect.stringMatching(/10\.0\.0\.7 is not one that these credentials may be used on: /),
    });
    expect(await s.services.tasks.list()).toEqual([]);
  });

  test.each([
    ['targets: []', /bound\.targets is not valid; expected one or more networks or host names/],
    [
      'targets: [10.0.0.0/99]',
      /bound\.targets\.0 is not valid; expected a network, an address or a host name/,
    ],
  ])('that are none are refused: %s', async (line, why) => {
    await using s = await stage({ credentials: `bound: {ssh: {username: a, password: b}, ${line}}` });
    await expect(s.submitWithLogin(alice, ask('bound', '10.0.0.7'))).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(why),
    });
  });
});
