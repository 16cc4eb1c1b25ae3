import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonLines, untilFinal } from './mcp_client.ts';
import { type SimulatedServer, startSimulatedServer } from './simulated_server.ts';

/** A host of the simulated network, which the report below is about. */
const HOST = '192.0.2.1';

/** A report of some days ago with a finding on a port. */
function reportOf(daysAgo: number, plugin: number, port: number, login: 'yes' | 'no'): string {
  const at = Math.floor(Date.now() / 1000) - daysAgo * 86_400;
  const item = (id: number, port: number, output = ''): string =>
    `<ReportItem port="${port}" svc_name="www" protocol="tcp" severity="3" pluginID="${id}" pluginName="P${id}" pluginFamily="F"><plugin_output>${output}</plugin_output></ReportItem>`;
  const items = item(plugin, port) + item(19_506, 0, `Credentialed checks : ${login}`);
  return `<NessusClientData_v2><Policy><policyName>P</policyName></Policy><Report name="r"><ReportHost name="${HOST}"><HostProperties><tag name="host-ip">${HOST}</tag><tag name="HOST_END_TIMESTAMP">${at}</tag></HostProperties>${items}</ReportHost></Report></NessusClientData_v2>`;
}

describe('a scan that verifies', () => {
  const folder = tempFolder();
  let s: SimulatedServer;
  beforeAll(async () => {
    const imports = join((await folder).path, 'imports');
    await mkdir(imports);
    // one that is gone, and one that only a login sees
    await writeFile(join(imports, 'gone.nessus'), reportOf(8, 41_028, 443, 'no'));
    await writeFile(join(imports, 'login.nessus'), reportOf(7, 193_422, 0, 'yes'));
    s = await startSimulatedServer({ speed: 300 }, { IMPORT_DIR: imports });
    const { json } = await s.client.call('run_untrusted_scan', { targets: HOST, name: 'all' });
    await untilFinal(s.client, json.task_id);
    for (const file of ['gone.nessus', 'login.nessus']) await s.client.call('import_scan', { file });
  }, 60_000);
  afterAll(async () => {
    await s?.[Symbol.asyncDispose]();
    await (await folder)[Symbol.asyncDispose]();
  });

  const idOf = async (plugin: number): Promise<string> => {
    const filters = { plugin_id: String(plugin) };
    const { text } = await s.client.call('search_findings', { filters, state: 'all' });
    const [finding] = jsonLines(text).filter(({ type }) => type === 'vulnerability');
    return String(finding?.id);
  };
  const verdictOn = async (plugin: number, more: object = {}): Promise<Record<string, unknown>> => {
    const verify = await idOf(plugin);
    const asked = { targets: HOST, name: 'verify', verify, ...more };
    const { json, text } = await s.client.call('run_untrusted_scan', asked);
    expect([text, json.status]).toEqual([text, 'queued']);
    const ended = await untilFinal(s.client, json.task_id);
    expect(ended.status).toBe('completed');
    return ended.verified as Record<string, unknown>;
  };

  test('says fixed, still there, or why it could not look', async () => {
    expect(await verdictOn(41_028)).toMatchObject({ fixed: 1, findings: [{ verdict: 'fixed' }] });
    expect(await verdictOn(51_192)).toMatchObject({ still_there: 1, findings: [{ verdict: 'still_there' }] });
    expect(await verdictOn(193_422)).toMatchObject({
      could_not_look: 1,
      findings: [{ id: `nessus/${HOST}/0/tcp/193422`, verdict: 'could_not_look', not_looked: 'login' }],
    });
  }, 30_000);

  test('of some plugins on some hosts says the same of all that they had found', async () => {
    const asked = { targets: '192.0.2.0/28', name: 'some', plugin_ids: [51_192] };
    const { json } = await s.client.call('run_untrusted_scan', asked);
    const { verified } = await untilFinal(s.client, json.task_id);
    expect(verified).toMatchObject({ fixed: 0, could_not_look: 0 });
    expect(Number((verified as Record<string, unknown>).still_there)).toBeGreaterThan(1);
    const { text } = await s.client.call('get_scan_results', { task_id: json.task_id });
    const plugins = new Set(jsonLines(text).flatMap(({ plugin_id }) => plugin_id ?? []));
    expect(plugins).toEqual(new Set(['51192', '19506', '11219']));
  }, 30_000);

  test.each([
    [{ verify: 'nonsense' }, /verify: the inventory has no finding "nonsense"; ids are such as/],
    [{ verify: `nessus/${HOST}/1/tcp/1` }, /has no finding/],
    [{ targets: '192.0.2.2' }, /targets: the finding to verify is on 192\.0\.2\.1/],
    [{ plugin_ids: [0] }, /plugin_ids/],
  ])('%j is refused', async (more, why) => {
    const verify = await idOf(51_192);
    const asked = { targets: HOST, name: 'v', verify, ...more };
    expect(await s.client.call('run_untrusted_scan', asked)).toMatchObject({ isError: true, text: why });
  });
});
