import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { type Simulator, startSimulator } from './mod.ts';
import { TEMPLATES } from './templates.ts';

const keysOf = (simulator: Simulator): Record<string, string> => ({
  'x-apikeys': `accessKey=${simulator.accessKey}; secretKey=${simulator.secretKey}`,
});

const get = (simulator: Simulator, path: string): Promise<Response> =>
  fetch(simulator.url + path, { headers: keysOf(simulator) });

test('a fault takes the calls that it names, as often as it says, after those that it lets pass', async () => {
  await using simulator = await startSimulator({ tls: false });
  simulator.fail({
    method: 'GET',
    path: /^\/scans$/,
    status: 429,
    headers: { 'retry-after': '2' },
    skip: 1,
    times: 2,
  });
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await get(simulator, '/scans')).status);
  expect(statuses).toEqual([200, 429, 429, 200]);
  expect((await get(simulator, '/session')).status).toBe(200);
});

test('a connection is cut before an answer, or after the work was done', async () => {
  await using simulator = await startSimulator({ tls: false });
  simulator.fail({ path: /^\/scans$/, reset: true });
  await expect(get(simulator, '/scans')).rejects.toThrow('fetch failed');
  simulator.fail({ path: /^\/scans$/, reset: 'afterwards' });
  const body = {
    uuid: 'ad629e16-03b6-8c1d-cef6-ef8c9dd3c658d24bd260ef5f9e66',
    settings: { name: 'n', text_targets: '192.0.2.1' },
  };
  const created = fetch(`${simulator.url}/scans`, {
    method: 'POST',
    headers: { ...keysOf(simulator), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await expect(created).rejects.toThrow('fetch failed');
  expect(simulator.counts().created).toBe(1);
  expect(simulator.requests().map(({ method, path, status }) => [method, path, status])).toEqual([
    ['GET', '/scans', 0],
    ['POST', '/scans', 0],
  ]);
});

test('half an answer comes, or a slow one', async () => {
  await using simulator = await startSimulator({ tls: false });
  simulator.fail({ path: /templates/, halfBody: true });
  const half = await get(simulator, '/editor/scan/templates');
  expect(Number(half.headers.get('content-length'))).toBeGreaterThan(100);
  await expect(half.text()).rejects.toThrow();
  simulator.fail({ path: /templates/, bytesPerSecond: 20_000 });
  expect(await (await get(simulator, '/editor/scan/templates')).json()).toHaveProperty('templates');
});

test('a scanner that loads answers 503 to all but /server', async () => {
  await using simulator = await startSimulator({ tls: false });
  simulator.setLoading(true);
  expect(await (await fetch(`${simulator.url}/server/status`)).json()).toMatchObject({ status: 'loading' });
  expect((await get(simulator, '/scans')).status).toBe(503);
  simulator.setLoading(false);
  expect((await get(simulator, '/scans')).status).toBe(200);
});

test('another process looks and turns by HTTP', async () => {
  await using simulator = await startSimulator({ tls: false });
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${simulator.url}/_simulator${path}`, { method: 'POST', body: JSON.stringify(body) });
  await post('/faults', { path: '^/scans$', status: 500 });
  expect((await get(simulator, '/scans?folder_id=3')).status).toBe(500);
  const { requests, counts } = await (await fetch(`${simulator.url}/_simulator/requests`)).json();
  expect(requests).toMatchObject([{ method: 'GET', path: '/scans', query: { folder_id: '3' }, status: 500 }]);
  expect(counts).toMatchObject({ created: 0 });
  const refused = await post('/faults', { path: '(' });
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { error: 'path: path must be a regular expression' },
  ]);
});

test('what was done to a scan is known when the scan and the process are gone', async () => {
  const stateFile = `${mkdtempSync(`${tmpdir()}/nmcp-simulator-`)}/state.json`;
  await using first = await startSimulator({ tls: false, stateFile });
  const call = (method: string, path: string, body: object = {}): Promise<Response> =>
    fetch(first.url + path, {
      method,
      headers: { ...keysOf(first), 'content-type': 'application/json', 'x-request-id': `${method} ${path}` },
      ...(method === 'DELETE' ? {} : { body: JSON.stringify(body) }),
    });
  const settings = { name: 'n', description: '[mine]', text_targets: '192.0.2.1' };
  const { scan } = await (await call('POST', '/scans', { uuid: TEMPLATES[0]?.uuid, settings })).json();
  for (const verb of ['launch', 'stop']) await call('POST', `/scans/${scan.id}/${verb}`);
  await call('DELETE', `/scans/${scan.id}`);
  await using second = await startSimulator({ tls: false, stateFile });
  const { effects } = await (await fetch(`${second.url}/_simulator/effects`)).json();
  const of = { scanId: scan.id, description: '[mine]', at: expect.any(Number) };
  expect(effects).toEqual([
    { ...of, what: 'created', requestId: 'POST /scans' },
    { ...of, what: 'launched', requestId: `POST /scans/${scan.id}/launch` },
    { ...of, what: 'stopped', requestId: `POST /scans/${scan.id}/stop` },
    { ...of, what: 'deleted', requestId: `DELETE /scans/${scan.id}` },
  ]);
});
