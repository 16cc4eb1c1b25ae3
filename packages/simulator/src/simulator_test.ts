import { mkdtempSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from './mod.ts';

interface Caller extends AsyncDisposable {
  simulator: Simulator;
  ask(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; json: Record<string, unknown>; text: string }>;
  scan(targets: string, credentials?: object): Promise<number>;
  /** Moves the clock until the scan is done, and downloads its export. */
  report(id: number, way?: 'tokens' | 'scans'): Promise<string>;
  advance(seconds: number): void;
}

async function start(options: SimulatorOptions = {}): Promise<Caller> {
  let now = 1_800_000_000_000;
  const simulator = await startSimulator({ tls: false, speed: 1, clock: () => now, ...options });
  const headers = {
    'x-apikeys': `accessKey=${simulator.accessKey}; secretKey=${simulator.secretKey}`,
    'content-type': 'application/json',
  };
  const ask: Caller['ask'] = async (method, path, body) => {
    const response = await fetch(simulator.url + path, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : {} };
  };
  const advance = (seconds: number): void => {
    now += seconds * 1000;
  };
  return {
    simulator,
    ask,
    advance,
    async scan(targets, credentials) {
      const { json } = await ask('GET', '/editor/scan/templates');
      const { uuid } = (json.templates as { uuid: string; name: string }[]).find(
        ({ name }) => name === 'advanced',
      ) ?? { uuid: '' };
      const created = await ask('POST', '/scans', {
        uuid,
        settings: { name: 'n & <m>', text_targets: targets, launch_now: true },
        ...(credentials ? { credentials } : {}),
      });
      expect(created.status).toBe(200);
      return (created.json.scan as { id: number }).id;
    },
    async report(id, way = 'tokens') {
      advance(100_000);
      const { json } = await ask('POST', `/scans/${id}/export`, { format: 'nessus' });
      const path = way === 'tokens' ? `/tokens/${json.token}` : `/scans/${id}/export/${json.file}`;
      expect((await ask('GET', `${path}/status`)).json).toEqual({ status: 'loading' });
      expect((await ask('GET', `${path}/download`)).status).toBe(409);
      advance(10);
      expect((await ask('GET', `${path}/status`)).json).toEqual({ status: 'ready' });
      return (await ask('GET', `${path}/download`)).text;
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

describe('a scan', () => {
  test('goes through its states, with progress by host', async () => {
    await using t = await start();
    const id = await t.scan('192.0.2.0/28');
    const words: unknown[] = [];
    const look = async (): Promise<void> => {
      const { json } = await t.ask('GET', `/scans/${id}`);
      words.push((json.info as { status: string }).status);
    };
    await look();
    for (const seconds of [10, 30, 22, 2]) {
      t.advance(seconds);
      await look();
    }
    expect(words).toEqual(['pending', 'running', 'running', 'processing', 'completed']);
    const { hosts } = (await t.ask('GET', `/scans/${id}`)).json as {
      hosts: { host_id: number; scanprogresscurrent: number; severity: number }[];
    };
    expect(hosts.every((host) => host.scanprogresscurrent === 100 && host.severity > 0)).toBe(true);
    const detail = await t.ask('GET', `/scans/${id}/hosts/${hosts[0]?.host_id}`);
    const [{ plugin_id } = { plugin_id: 0 }] = detail.json.vulnerabilities as { plugin_id: number }[];
    expect(
      (await t.ask('GET', `/scans/${id}/hosts/${hosts[0]?.host_id}/plugins/${plugin_id}`)).json,
    ).toMatchObject({ info: { plugindescription: { pluginid: plugin_id } } });
  });

  test('is exported by both ways, the same for the same seed and another for another', async () => {
    await using a = await start({ seed: 1 });
    const id = await a.scan('192.0.2.0/26');
    const report = await a.report(id);
    expect(await a.report(id, 'scans')).toBe(report);
    expect(report).toMatch(/^<\?xml version="1.0" \?>\n<NessusClientData_v2>.*<\/NessusClientData_v2>\n$/s);
    expect(report).toContain('<Report name="n &amp; &lt;m&gt;"');
    await using b = await start({ seed: 2 });
    expect((await b.report(await b.scan('192.0.2.0/26'))).length).not.toBe(report.length);
  });

  test('finds about three in four hosts of a network, and a single address always', async () => {
    await using t = await start();
    const hosts = (await t.report(await t.scan('10.0.0.0/22'))).split('<ReportHost ').length - 1;
    expect(hosts / 1024).toBeGreaterThan(0.7);
    expect(hosts / 1024).toBeLessThan(0.8);
    for (let i = 1; i < 12; i++)
      expect(await t.report(await t.scan(`10.9.9.${i}`))).toContain(`<ReportHost name="10.9.9.${i}">`);
  });

  test.each([
    [
      'success',
      { username: 'root', password: 'x' },
      ['141118', '110095', '117887'],
      "yes, as 'root' via ssh",
    ],
    ['insufficient', { username: 'audit', password: 'x' }, ['110385'], "yes, as 'audit' via ssh"],
    ['failed', { username: 'root', password: 'wrong' }, ['104410'], 'no'],
    ['none', undefined, ['110723'], 'no'],
  ])('whose login is %s has the plugins that say so', async (_outcome, ssh, plugins, checks) => {
    await using t = await start();
    const credentials = ssh && { add: { Host: { SSH: [{ auth_method: 'password', ...ssh }] } } };
    const hosts = (await t.report(await t.scan('192.0.2.0/26', credentials)))
      .split('<ReportHost ')
      .filter((host) => host.includes('>linux</tag>'));
    expect(hosts.length).toBeGreaterThan(3);
    for (const host of hosts) {
      for (const plugin of plugins) expect(host).toContain(`pluginID="${plugin}"`);
      expect(host).toMatch(new RegExp(`Credentialed checks : ${checks.replaceAll("'", '&apos;')}\\n`));
    }
  });

  test('is stopped, and then neither stopped nor deleted while it runs', async () => {
    await using t = await start();
    const id = await t.scan('192.0.2.0/28');
    expect((await t.ask('DELETE', `/scans/${id}`)).status).toBe(409);
    expect((await t.ask('POST', `/scans/${id}/export`, { format: 'nessus' })).json).toEqual({
      error: 'Can not export running scans',
    });
    expect((await t.ask('POST', `/scans/${id}/stop`)).status).toBe(200);
    expect((await t.ask('POST', `/scans/${id}/stop`)).status).toBe(409);
    expect((await t.ask('DELETE', `/scans/${id}`)).status).toBe(200);
    expect((await t.ask('GET', `/scans/${id}`)).status).toBe(404);
  });
});

test('two scans of a network a week apart differ in some findings; on the same day in none', async () => {
  await using t = await start();
  const itemsOf = (report: string): string[] =>
    report.split('<ReportHost ').flatMap((host) => {
      const name = /^name="([^"]+)"/.exec(host)?.[1] ?? '';
      return [...host.matchAll(/pluginID="(\d+)"/g)].map(([, plugin]) => `${name} ${plugin}`);
    });
  const scan = async (): Promise<string[]> => itemsOf(await t.report(await t.scan('192.0.2.0/25')));
  const [monday, later] = [await scan(), await scan()];
  expect(later).toEqual(monday);
  t.advance(604_800);
  const nextWeek = await scan();
  const gone = monday.filter((item) => !nextWeek.includes(item)).length;
  const fresh = nextWeek.filter((item) => !monday.includes(item)).length;
  expect(gone).toBeGreaterThan(5);
  expect(fresh).toBeGreaterThan(5);
  expect(gone + fresh).toBeLessThan(monday.length / 4);
});

test('a scanner that keeps its scans has them after it was killed', async () => {
  const stateFile = `${mkdtempSync(`${tmpdir()}/nmcp-simulator-`)}/state.json`;
  const body = {
    uuid: 'ad629e16-03b6-8c1d-cef6-ef8c9dd3c658d24bd260ef5f9e66',
    settings: { name: 'kept', text_targets: '192.0.2.1', launch_now: true },
  };
  await using first = await start({ stateFile });
  const { scan } = (await first.ask('POST', '/scans', body)).json as { scan: { id: number } };
  await using second = await start({ stateFile });
  expect((await second.ask('GET', `/scans/${scan.id}`)).json).toMatchObject({ info: { name: 'kept' } });
  expect(second.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
});

test('a scan of more addresses than the licence has is refused; those of Essentials are few', async () => {
  await using t = await start({ licence: 'essentials' });
  expect(() => t.simulator.startByHand({ name: 'n', targets: '192.0.2.0/27' })).toThrow(
    /32 targets and the license allows 16/,
  );
});

test("the scanner's clock can be off", async () => {
  await using t = await start({ clockSkewSeconds: -3600 });
  expect((await t.ask('GET', '/scans')).json.timestamp).toBe(1_800_000_000 - 3600);
});

test('who may not, and what is not, is refused', async () => {
  await using t = await start({ licence: 'essentials' });
  expect((await fetch(`${t.simulator.url}/scans`)).status).toBe(401);
  expect((await t.ask('POST', '/session', { username: 'admin', password: 'no' })).status).toBe(401);
  expect(await t.ask('POST', '/scans', {})).toMatchObject({
    status: 412,
    json: { error: 'API is not available' },
  });
  expect((await t.ask('GET', '/server/properties')).json).toMatchObject({
    license: { features: { scan_api: false } },
  });
  expect((await t.ask('GET', '/nope')).status).toBe(404);
});

test('a session idles out', async () => {
  await using t = await start({ sessionIdleMs: 60_000 });
  const { username, password } = t.simulator;
  const { token } = (await t.ask('POST', '/session', { username, password })).json;
  const list = async (): Promise<number> =>
    (await fetch(`${t.simulator.url}/scans`, { headers: { 'x-cookie': `token=${token}` } })).status;
  expect(await list()).toBe(200);
  t.advance(61);
  expect(await list()).toBe(401);
});

test('HTTPS has a certificate of its own, made at the start', async () => {
  await using simulator = await startSimulator();
  const status = await new Promise((resolve, reject) => {
    get(
      `${simulator.url}/server/status`,
      { agent: new Agent({ ca: simulator.certificate, checkServerIdentity: () => undefined }) },
      (response) => resolve(response.statusCode),
    ).on('error', reject);
  });
  expect(status).toBe(200);
});
