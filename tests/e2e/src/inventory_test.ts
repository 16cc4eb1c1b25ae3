import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { runApp, serveSimulated } from './app_process.ts';
import { connect, jsonLines, type McpClient } from './mcp_client.ts';
import { rawClient } from './raw_client.ts';

/** A report of one host, with findings of some of three plugins. */
function reportAt(end: string, plugins: readonly number[]): string {
  const items = plugins.map(
    (plugin) =>
      `<ReportItem port="443" svc_name="www" protocol="tcp" severity="3" pluginID="${plugin}" pluginName="P" pluginFamily="F"><cve>CVE-2025-00${plugin}</cve><solution>Upgrade to Thing version 2.${plugin} or later.</solution><plugin_output>${plugin} at ${end}</plugin_output></ReportItem>`,
  );
  const preference = (name: string, value: string): string =>
    `<preference><name>${name}</name><value>${value}</value></preference>`;
  const set = preference('plugin_set', '11;12;13') + preference('port_range', 'all');
  return `<NessusClientData_v2><Policy><policyName>P</policyName><Preferences><ServerPreferences>${set}</ServerPreferences></Preferences></Policy><Report name="weekly"><ReportHost name="192.168.7.7"><HostProperties><tag name="host-ip">192.168.7.7</tag><tag name="HOST_END_TIMESTAMP">${Date.parse(end) / 1000}</tag></HostProperties>${items.join('')}</ReportHost></Report></NessusClientData_v2>`;
}

async function findings(
  client: McpClient,
  query: Record<string, unknown>,
): Promise<Record<string, unknown>[]> {
  const { text } = await client.call('search_findings', query);
  return jsonLines(text).filter(({ type }) => type === 'vulnerability');
}

describe('the network over time', () => {
  test('is made of every report, in whatever order they come, by what each caller sees; files that went are remembered', async () => {
    await using folder = await tempFolder();
    const [dataDir, importDir] = [join(folder.path, 'data'), join(folder.path, 'imports')];
    for (const each of [dataDir, importDir]) await mkdir(each);
    await writeFile(join(importDir, 'later.nessus'), reportAt('2026-02-09T12:00:00Z', [12, 13]));
    await writeFile(join(importDir, 'earlier.nessus'), reportAt('2026-02-02T12:00:00Z', [11, 12]));
    const tokens: Record<string, string> = {};
    for (const name of ['ann', 'ben']) {
      const made = await runApp('admin-cli', [
        'token',
        'create',
        name,
        '--role',
        'scanner',
        '--data-dir',
        dataDir,
      ]);
      tokens[name] = made.stdout.trim();
    }
    const server = await serveSimulated([], { DATA_DIR: dataDir, IMPORT_DIR: importDir });
    try {
      const as = (name: string): Promise<McpClient> =>
        connect(server.url, { authorization: `Bearer ${tokens[name]}` });
      await using ann = await as('ann');
      await using ben = await as('ben');
      const later = await ann.call('import_scan', { file: 'later.nessus' });
      expect(later.isError).toBe(false);
      await ann.call('import_scan', { file: 'earlier.nessus' });
      expect(await findings(ann, { state: 'all', filters: { severity: '>=low' } })).toMatchObject([
        { plugin_id: '12', state: 'open', first_seen: '2026-02-02T12:00:00Z' },
        { plugin_id: '13', state: 'open', first_seen: '2026-02-09T12:00:00Z' },
        { plugin_id: '11', state: 'fixed', fixed_at: '2026-02-09T12:00:00Z' },
      ]);
      expect((await ann.call('get_fix_plan')).json).toMatchObject({
        steps: [{ do: 'Update Thing to 2.13 or later', removes: 2 }],
      });
      const reader = await rawClient(server.url, 'auto', { authorization: `Bearer ${tokens.ann}` });
      const read = async (uri: string): Promise<string> => {
        const [content] = (await reader.readResource({ uri })).contents;
        return content && 'text' in content ? content.text : '';
      };
      expect(JSON.parse(await read('nessus://assets/nessus/192.168.7.7'))).toMatchObject({
        host: '192.168.7.7',
        open: { high: 2 },
        history: [
          { new: 1, fixed: 1, open: { high: 2 } },
          { new: 2, open: { high: 2 } },
        ],
      });
      const history = jsonLines(await read('nessus://assets/nessus/192.168.7.7/history'));
      expect(history.map(({ state }) => state).filter(Boolean)).toEqual(['all', 'open', 'open', 'fixed']);
      expect(history.find(({ state }) => state === 'fixed')).toMatchObject({
        plugin_output: '11 at 2026-02-02T12:00:00Z',
      });
      await expect(read('nessus://assets/nessus/10.0.0.1')).rejects.toThrow(/not found/i);
      await reader.close();
      const metrics = await fetch(`${server.url}/metrics`, {
        headers: { authorization: `Bearer ${tokens.ann}` },
      });
      expect(await metrics.text()).toContain('nmcp_inventory_open_findings{zone="nessus",severity="high"} 2');
      expect((await ben.call('search_assets')).json).toMatchObject({ matching_assets: 0, total_assets: 0 });
      await rm(join(dataDir, String(later.json.task_id)), { recursive: true });
      expect(await findings(ann, { filters: { cve: 'CVE-2025-0013' } })).toMatchObject([
        {
          last_scan: later.json.task_id,
          plugin_output: '13 at 2026-02-09T12:00:00Z',
          from_host: ['plugin_output'],
        },
      ]);
    } finally {
      await server.stop();
    }
  });

  test('LOCKDOWN keeps what hosts say of themselves', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, 'week.nessus'), reportAt('2026-02-09T12:00:00Z', [12]));
    const server = await serveSimulated([], { LOCKDOWN: 'true', IMPORT_DIR: folder.path });
    try {
      await using client = await connect(server.url);
      await client.call('import_scan', { file: 'week.nessus' });
      const [finding] = await findings(client, { max_text: 1000 });
      expect(finding).toMatchObject({ plugin_id: '12' });
      expect(finding).not.toHaveProperty('plugin_output');
      for (const [tool, query] of [
        ['search_assets', { os: 'linux' }],
        ['search_assets', { software: 'openssh' }],
        ['search_findings', { filters: { os: 'linux' } }],
        ['search_findings', { group_by: 'os' }],
      ] as const)
        expect(await client.call(tool, query)).toMatchObject({ isError: true, text: /lockdown/ });
    } finally {
      await server.stop();
    }
  });
});
