import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { runApp } from './app_process.ts';

describe('nmcp-admin', () => {
  test('makes, lists and revokes tokens', async () => {
    await using folder = await tempFolder();
    const run = (...args: string[]): ReturnType<typeof runApp> =>
      runApp('admin-cli', [...args, '--data-dir', folder.path]);
    expect((await run('token', 'list')).stdout).toBe('No tokens.\n');
    await run('token', 'create', 'alice', '--scopes', 'read,scan', '--days', '30');
    const listed = (await run('token', 'list')).stdout;
    expect(listed).toMatch(/alice +read,scan +all/);
    expect(await run('token', 'create', 'm', '--role', 'viewer')).toMatchObject({ code: 0 });
    expect((await run('token', 'list')).stdout).toMatch(/m +viewer +read:all +all/);
    expect(await run('token', 'create', 'm', '--role', 'viwer')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /did you mean "viewer"\? expected one of viewer, scanner, operator, admin/,
      ),
    });
    expect(await run('token', 'create', 'm', '--role', 'viewer', '--scopes', 'read')).toMatchObject({
      code: 2,
    });
    const id = /\b([0-9a-f]{12})\b/.exec(listed)?.[1] ?? '';
    expect((await run('token', 'revoke', id)).stdout).toBe(`Token ${id} of alice was revoked.\n`);
    expect(await run('token', 'revoke', id)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/There is no token/),
    });
    expect(await run('token', 'create', 'x', '--scopes', 'everything')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/expected one or more of read, scan, scan:credentials, admin/),
    });
  });

  test('explains a decision of the policy', async () => {
    const policy = new URL('../../../config/policy.yaml', import.meta.url).pathname;
    const check = (targets: string): ReturnType<typeof runApp> =>
      runApp('admin-cli', ['policy', 'check', targets, '--policy', policy]);
    expect((await check('10.0.0.0/28')).stdout).toBe(
      'Allowed: 16 addresses; the scanner would be given 10.0.0.0/28\n',
    );
    expect(await check('8.8.8.8')).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(
        /does not allow scanning "8\.8\.8\.8": default\.allow does not include it/,
      ),
    });
  });
});
