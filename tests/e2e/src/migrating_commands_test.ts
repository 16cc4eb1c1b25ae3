import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findRedisServer } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { appPath, startApp } from './app_process.ts';
import { openStage } from './stage.ts';

const GUIDE = fileURLToPath(new URL('../../../docs/migrating.md', import.meta.url));

/** The lines of its blocks of commands. */
async function commands(): Promise<string[]> {
  const text = await readFile(GUIDE, 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.split('\n').flatMap((line) => line.trim() || []),
  );
}

describe.skipIf(findRedisServer() === undefined)('the commands of docs/migrating.md', () => {
  test('work in their order, on v3.0’s Redis and data directory', { timeout: 180_000 }, async () => {
    await using stage = await openStage('redis', { speed: 300 });
    const list = await commands();
    expect(list.length).toBeGreaterThanOrEqual(5);
    // there is a data directory, as v3.0 has left one
    await using worker = startApp('worker', [], stage.environment);
    await worker.says(/working/);
    await worker.stop();
    const shell = 'nmcp-admin() { "$NODE" "$ADMIN" "$@"; }\n';
    for (const command of list) {
      if (command.startsWith('chown') && process.getuid?.() !== 0) continue;
      const { stdout } = await promisify(execFile)('bash', ['-euc', `${shell}${command}`], {
        env: {
          PATH: process.env.PATH ?? '',
          NODE: process.execPath,
          ADMIN: appPath('admin-cli'),
          ...stage.environment,
        },
      });
      if (command.includes('token create')) expect(stdout).toMatch(/nmcp_/);
      if (command.includes('stats')) expect(stdout).toMatch(/nessus +0 +0 +0/);
    }
  });

  test('speak of settings and tools that there are', async () => {
    const text = await readFile(GUIDE, 'utf8');
    const settings = await readFile(
      fileURLToPath(new URL('../../../packages/settings/src/read_settings.ts', import.meta.url)),
      'utf8',
    );
    for (const [name] of text.matchAll(/\b[A-Z]+_[A-Z_]*[A-Z]\b/g))
      expect([name, settings.includes(`${name.replace(/^(STALE|NESSUS)_SCAN$/, '$1_SCAN_')}`)]).toEqual([
        name,
        true,
      ]);
  });
});
