import { chmod, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { serveSimulated } from './app_process.ts';
import { connect, untilFinal } from './mcp_client.ts';

test('every file of ours is its owner’s alone, in a folder that everybody may read', async () => {
  await using folder = await tempFolder();
  await chmod(folder.path, 0o755);
  const app = await serveSimulated([], { DATA_DIR: folder.path });
  try {
    await using client = await connect(app.url);
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'n' });
    expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
    await client.call('get_scan_summary', { task_id: json.task_id });
    const open: string[] = [];
    const entries = await readdir(folder.path, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const { mode } = await stat(path).catch(() => ({ mode: 0 })); // a journal comes and goes
      if (entry.isFile() && (mode & 0o077) !== 0)
        open.push(`${relative(folder.path, path)} ${(mode & 0o777).toString(8)}`);
    }
    expect(entries.length).toBeGreaterThan(8);
    expect(open).toEqual([]);
  } finally {
    await app.stop();
  }
});
