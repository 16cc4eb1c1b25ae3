import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Simulator, startSimulator } from './mod.ts';
import { TEMPLATES } from './templates.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ tls: false, speed: 10_000 });
});
afterAll(() => simulator.close());

interface Answer {
  status: number;
  text: string;
  json: Record<string, unknown>;
}

/** @param body an object is sent as JSON, a form as one */
async function ask(method: string, path: string, body?: object | URLSearchParams): Promise<Answer> {
  const response = await fetch(simulator.url + path, {
    method,
    headers: {
      'x-apikeys': `accessKey=${simulator.accessKey}; secretKey=${simulator.secretKey}`,
      ...(body instanceof URLSearchParams ? {} : { 'content-type': 'application/json' }),
    },
    ...(body ? { body: body instanceof URLSearchParams ? body : JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : {} };
}

const form = (fields: Record<string, string>): URLSearchParams => new URLSearchParams(fields);
const uuidOf = (name: string): string => TEMPLATES.find((each) => each.name === name)?.uuid ?? '';

async function makeScan(): Promise<number> {
  const settings = { name: 'n', text_targets: '192.0.2.1\n192.0.2.2', launch_now: 'true' };
  const { json } = await ask('POST', '/scans', { uuid: uuidOf('advanced'), settings });
  await new Promise((resolve) => setTimeout(resolve, 30));
  return (json.scan as { id: number }).id;
}

test('a form logs in', async () => {
  const { username, password } = simulator;
  expect((await ask('POST', '/session', form({ username, password, json: '1' }))).json).toEqual({
    token: expect.any(String),
  });
  expect((await ask('POST', '/session', form({ username, password: 'no' }))).status).toBe(401);
});

test.each<[string, string, Record<string, string>, object]>([
  [
    'a user',
    '/users',
    { username: 'eve', password: 'secret', permissions: '16', type: 'local' },
    { username: 'eve', permissions: 16 },
  ],
  ['a folder', '/folders', { name: 'of a form' }, { id: expect.any(Number) }],
  [
    'a scan',
    '/scans',
    { uuid: uuidOf('basic'), 'settings[name]': 'f', 'settings[text_targets]': '192.0.2.1' },
    { scan: { name: 'f' } },
  ],
  [
    'a policy',
    '/policies',
    { uuid: uuidOf('custom'), 'settings[name]': 'p' },
    { policy_id: expect.any(Number), policy_name: 'p' },
  ],
])('a form makes %s', async (_what, path, fields, expected) => {
  const made = await ask('POST', path, form(fields));
  expect(made).toMatchObject({ status: 200, json: expected });
});

test('several are removed by a form with one number', async () => {
  const { json } = await ask('POST', '/policies', { uuid: uuidOf('custom'), settings: { name: 'q' } });
  const { status, json: gone } = await ask('DELETE', '/policies', form({ ids: String(json.policy_id) }));
  expect([status, gone]).toEqual([200, { deleted: [json.policy_id] }]);
});

test('what is neither JSON nor a form is refused', async () => {
  const response = await fetch(`${simulator.url}/session`, { method: 'POST', body: 'username: admin' });
  expect([response.status, await response.json()]).toEqual([400, { error: 'The body is not JSON' }]);
});

test('numbers may be text', async () => {
  const settings = { name: 'n', text_targets: '192.0.2.1', folder_id: '3', scanner_id: '1' };
  const { json } = await ask('POST', '/scans', { uuid: uuidOf('advanced'), settings });
  const { id } = json.scan as { id: number };
  expect((await ask('GET', `/scans/${id}`)).json).toMatchObject({ info: { folder_id: 3 } });
  expect((await ask('PUT', `/scans/${id}`, { settings: { folder_id: '2' } })).status).toBe(200);
  expect((await ask('DELETE', '/scans', { ids: [String(id)] })).json).toEqual({ deleted: [id] });
  const odd = { ...settings, folder_id: 'three' };
  expect((await ask('POST', '/scans', { uuid: uuidOf('advanced'), settings: odd })).json).toEqual({
    error: 'settings.folder_id: expected a number',
  });
});

test('a policy is changed without naming its template, and the editor shows what it has', async () => {
  const made = await ask('POST', '/policies', { uuid: uuidOf('advanced'), settings: { name: 'p' } });
  const path = `/policies/${made.json.policy_id}`;
  for (const change of [
    { settings: { portscan_range: '22,443' } },
    { plugins: { General: { status: 'disabled' } } },
    { credentials: { add: {} } },
  ])
    expect((await ask('PUT', path, change)).status).toBe(200);
  expect((await ask('PUT', path, { uuid: 'none', settings: {} })).status).toBe(400);
  const { json } = await ask('GET', `/editor${path.replace('policies', 'policy')}`);
  expect(json).toMatchObject({
    uuid: uuidOf('advanced'),
    settings: {
      basic: { inputs: [{ id: 'name', default: 'p' }, { id: 'description' }] },
      discovery: {
        groups: [
          {
            name: 'network_discovery',
            sections: [{ inputs: [{ id: 'portscan_range', default: '22,443' }] }],
          },
        ],
      },
    },
    plugins: { families: { General: { status: 'disabled', id: expect.any(Number) } } },
  });
});

test('the editor finds the family of a plugin, and its plugins', async () => {
  const made = await ask('POST', '/policies', { uuid: uuidOf('advanced'), settings: { name: 'p' } });
  const path = `/editor/policy/${made.json.policy_id}/families`;
  const query = 'filter.search_type=and&filter.0.filter=plugin_id&filter.0.quality=eq&filter.0.value=19506';
  const { families } = (await ask('GET', `${path}?${query}`)).json as {
    families: Record<string, { id: number }>;
  };
  const [[name, family] = ['', { id: 0 }]] = Object.entries(families);
  expect([name, Object.keys(families)]).toEqual(['Settings', ['Settings']]);
  const { plugins } = (await ask('GET', `${path}/${family.id}`)).json;
  expect(plugins).toContainEqual(expect.objectContaining({ id: 19506 }));
});

test('scanners say their version and licence', async () => {
  expect((await ask('GET', '/scanners')).json).toMatchObject({
    scanners: [{ type: 'local', ui_version: expect.any(String), license: { type: 'manager' } }, {}],
  });
});

test('a scan is put into another folder, and its hosts have a knowledge base', async () => {
  const id = await makeScan();
  expect((await ask('PUT', `/scans/${id}/folder`, { folder_id: '2' })).status).toBe(200);
  expect((await ask('PUT', `/scans/${id}/folder`, { folder_id: 999 })).status).toBe(404);
  const { json } = await ask('GET', `/scans/${id}`);
  expect(json).toMatchObject({ info: { folder_id: 2 } });
  const [host] = json.hosts as { host_id: number }[];
  const { text } = await ask('GET', `/scans/${id}/hosts/${host?.host_id}/kb`);
  expect(text).toMatch(/^\d+ 1 Host\/fqdn=.+\n/);
});
