import { spawnSync } from 'node:child_process';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { appPath, serveSimulated } from './app_process.ts';
import { makeToken } from './make_token.ts';

describe('a server for others than this machine', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1'])('does not start on %s without a token', async (host) => {
    await using folder = await tempFolder();
    const { status, stderr } = spawnSync(
      process.execPath,
      [appPath('standalone'), 'serve', '--simulate', '--port', '0', '--host', host],
      { env: { PATH: process.env.PATH, HOME: folder.path, DATA_DIR: folder.path }, encoding: 'utf8' },
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/is not the loopback interface, so callers need tokens.*nmcp-admin token create/);
  });

  test('starts with one', async () => {
    await using folder = await tempFolder();
    await makeToken(folder.path, 'a');
    await using app = await serveSimulated(['--host', '0.0.0.0'], { DATA_DIR: folder.path });
    expect((await fetch(`${app.url}/mcp`)).status).toBe(401);
  });
});
