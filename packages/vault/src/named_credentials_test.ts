import { chmodSync, writeFileSync } from 'node:fs';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { type NamedCredentials, openNamedCredentials } from './mod.ts';

const USE = { pool: 'nessus', caller: 'alice' };

async function open(
  yaml: string,
  mode = 0o600,
): Promise<AsyncDisposable & { named: NamedCredentials; folder: string }> {
  const folder = await tempFolder();
  const path = `${folder.path}/credentials.yaml`;
  writeFileSync(path, yaml.replaceAll('FOLDER', folder.path));
  chmodSync(path, mode);
  writeFileSync(`${folder.path}/secret`, 'from-file\n');
  const environment = { SSH_PASSWORD: 'from-environment' };
  return {
    named: openNamedCredentials({ path, environment }),
    folder: folder.path,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe('named credentials', () => {
  test('come from the environment, a file and a command', async () => {
    await using t = await open(`
linux:
  ssh: {username: audit, password: {env: SSH_PASSWORD}, elevate_privileges_with: sudo, escalation_password: {file: FOLDER/secret}}
windows:
  windows: {username: audit, password: {command: [echo, from-command]}, domain: EXAMPLE}
  snmp_v3: {username: monitor, auth_password: {file: FOLDER/secret}}
`);
    expect(await t.named.resolve('linux', USE)).toEqual({
      type: 'ssh',
      auth_method: 'password',
      username: 'audit',
      password: 'from-environment',
      elevate_privileges_with: 'sudo',
      escalation_password: 'from-file',
    });
    expect(await t.named.resolve('windows', USE)).toEqual({
      type: 'several',
      windows: { username: 'audit', password: 'from-command', domain: 'EXAMPLE' },
      snmp_v3: { username: 'monitor', auth_password: 'from-file' },
    });
  });

  test('are for some callers and pools alone; the others do not learn of them', async () => {
    await using t = await open(`
bobs: {ssh: {username: b, password: x}, callers: [bob]}
dmz: {ssh: {username: d, password: x}, pools: [nessus_dmz]}
all: {ssh: {username: a, password: x}}
`);
    expect(await t.named.names(USE)).toEqual(['all']);
    for (const name of ['bobs', 'dmz', 'nope', '__proto__'])
      await expect(t.named.resolve(name, USE)).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringMatching(/in the pool nessus; available are: all$/),
      });
  });

  test.each([
    [
      'a variable that is not set',
      'a: {ssh: {username: u, password: {env: NOPE}}}',
      /a\.password: the environment variable NOPE is not set/,
    ],
    [
      'a file that is not there',
      'a: {ssh: {username: u, password: {file: /nowhere}}}',
      /a\.password: ENOENT/,
    ],
    [
      'a command that fails',
      'a: {ssh: {username: u, password: {command: [sh, -c, "echo sesame; exit 3"]}}}',
      /the command sh failed \(3\)/,
    ],
    [
      'a command that is not there',
      'a: {ssh: {username: u, password: {command: [no-such-program]}}}',
      /failed \(ENOENT\)/,
    ],
    ['no login', 'a: {pools: [nessus]}', /are incomplete: they have no login/],
    ['a login without a password', 'a: {ssh: {username: sesame}}', /are incomplete/],
    ['a slip of the pen', 'a: {shh: {username: u, password: sesame}}', /a\.shh is not valid/],
    ['no YAML', 'a: {ssh: [', /it is not YAML/],
  ])('with %s are an error that tells no secret', async (_name, yaml, why) => {
    await using t = await open(yaml);
    await expect(t.named.resolve('a', USE)).rejects.toThrow(why);
    await expect(t.named.resolve('a', USE)).rejects.toSatisfy((error) => !String(error).includes('sesame'));
  });

  test('in a file that others can read are refused', async () => {
    await using t = await open('a: {ssh: {username: u, password: x}}', 0o644);
    await expect(t.named.names(USE)).rejects.toThrow(
      /can be read or changed by others \(mode 644\); run: chmod 600/,
    );
  });
});
