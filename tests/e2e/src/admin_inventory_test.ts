import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApp } from './app_process.ts';
import { untilFinal } from './mcp_client.ts';
import { type SimulatedServer, startSimulatedServer } from './simulated_server.ts';

const RULES = `
groups:
  - { hosts: [192.0.2.0/29], tags: [dmz], owner: Web team }
  - { hosts: [10.99.0.0/16], tags: [none] }
`;

describe('nmcp-admin about the inventory, while all runs', () => {
  const folder = tempFolder();
  let s: SimulatedServer;
  let environment: Record<string, string> = {};
  beforeAll(async () => {
    const { path } = await folder;
    await writeFile(join(path, 'inventory.yaml'), RULES);
    environment = { DATA_DIR: join(path, 'data'), INVENTORY_CONFIG: join(path, 'inventory.yaml') };
    s = await startSimulatedServer({ speed: 300 }, environment);
    const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'n' });
    await untilFinal(s.client, json.task_id);
    await expectApplied();
  }, 60_000);
  afterAll(async () => {
    await s?.[Symbol.asyncDispose]();
    await (await folder)[Symbol.asyncDispose]();
  });

  const admin = (...args: string[]): ReturnType<typeof runApp> => runApp('admin-cli', args, { environment });
  const ask = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await admin(...args, '--json');
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout);
  };
  async function expectApplied(): Promise<void> {
    for (;;) if ((await ask('inventory', 'status')).scans === 1) return;
  }

  test('status, tags and owners', async () => {
    expect(await ask('inventory', 'status')).toMatchObject({ missing: [], refused: [], feeds: {} });
    const tags = await ask('inventory', 'tags');
    expect(tags).toMatchObject({
      groups: [
        { tags: ['dmz'], owner: 'Web team' },
        { tags: ['none'], assets: 0 },
      ],
    });
    expect(Number((tags.tags as Record<string, number>).dmz)).toBe(
      (tags.owners as Record<string, number>)['Web team'],
    );
    expect((await admin('inventory', 'tags')).stdout).toMatch(/10\.99\.0\.0\/16.*none: is it right\?/);
  });

  test('feeds are taken in, and a file that is none is refused', async () => {
    const { path } = await folder;
    const file = join(path, 'kev.json');
    const vulnerabilities = [{ cveID: 'CVE-2023-48795', dateAdded: '2024-01-01', dueDate: '2024-01-22' }];
    await writeFile(file, JSON.stringify({ dateReleased: '2025-11-20', count: 1, vulnerabilities }));
    expect(await ask('feeds', 'import', file)).toEqual({ name: 'kev', date: '2025-11-20', entries: 1 });
    expect(await ask('inventory', 'status')).toMatchObject({ feeds: { kev: '2025-11-20' } });
    const { text } = await s.client.call('search_findings', {
      kev: true,
      filters: { cve: 'CVE-2023-48795' },
    });
    expect(text).toContain('to be fixed by 2024-01-22');
    expect(text).toContain('"feeds":{"kev":"2025-11-20"}');
    expect(await admin('feeds', 'import', join(path, 'inventory.yaml'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/inventory\.yaml: it begins with .*; expected CISA's/),
    });
    expect(await admin('feeds', 'import', join(path, 'missing'))).toMatchObject({ code: 4 });
  });

  test('risks are accepted and taken back, assets merged, and all of it built anew', async () => {
    const { id } = await ask(
      'inventory',
      'accept-risk',
      '--plugin',
      '19506',
      '--reason',
      'a lab',
      '--days',
      '9',
    );
    expect((await admin('inventory', 'risks')).stdout).toMatch(/19506 .*all .*a lab/);
    expect(await admin('inventory', 'accept-risk', '--reason', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('plugin, cve: give one of them'),
    });
    expect(await ask('inventory', 'risks', '--remove', String(id))).toEqual([]);
    expect(await admin('inventory', 'merge', '192.0.2.1', '10.0.0.1')).toMatchObject({ code: 4 });
    const before = await ask('inventory', 'status');
    expect(await ask('inventory', 'rebuild', '--yes')).toEqual({ scans: 1 });
    expect(await ask('inventory', 'status')).toEqual(before);
  });
});
