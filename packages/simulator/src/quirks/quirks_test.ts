import { expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../mod.ts';
import { TEMPLATES } from '../templates.ts';
import { QUIRKS } from './list.ts';

interface Answer {
  status: number;
  text: string;
  json: Record<string, unknown>;
}

async function ask(simulator: Simulator, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(simulator.url + path, {
    method,
    redirect: 'manual',
    headers: {
      'x-apikeys': `accessKey=${simulator.accessKey}; secretKey=${simulator.secretKey}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : {} };
}

const uuid = TEMPLATES.find(({ name }) => name === 'advanced')?.uuid;

/** A scan that was launched, at a speed at which it is done at once. */
async function scan(simulator: Simulator, name = 'n'): Promise<number> {
  const settings = { name, text_targets: '192.0.2.1', launch_now: true };
  const { json } = await ask(simulator, 'POST', '/scans', { uuid, settings });
  await new Promise((resolve) => setTimeout(resolve, 20));
  return (json.scan as { id: number }).id;
}

const open = (...quirks: string[]): Promise<Simulator> =>
  startSimulator({ tls: false, speed: 10_000, quirks });

test('every quirk has a name of its own, one sentence and a source', () => {
  expect(new Set(QUIRKS.map(({ name }) => name)).size).toBe(QUIRKS.length);
  for (const { name, description, source } of QUIRKS) {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(description).toMatch(/^[A-Z/].*\.$/);
    expect(source).not.toBe('');
  }
});

test.each([
  ['nope', /^There is no quirk "nope"; known are: lists-null, /],
  ['no-tokens=3', /^The quirk no-tokens takes no number$/],
  ['rate-limit=often', /^rate-limit=often: expected a number \(calls of a kind\), or "always"$/],
])('the quirk %s is refused', async (entry, why) => {
  await expect(open(entry)).rejects.toThrow(why);
});

test('another process switches quirks on and off', async () => {
  await using simulator = await open('no-tokens');
  const put = async (quirks: string[]): Promise<Response> =>
    await fetch(`${simulator.url}/_simulator/quirks`, { method: 'PUT', body: JSON.stringify({ quirks }) });
  const names = async (): Promise<string[]> => {
    const { quirks } = await (await fetch(`${simulator.url}/_simulator/quirks`)).json();
    return quirks.filter((each: { isOn: boolean }) => each.isOn).map((each: { name: string }) => each.name);
  };
  expect(await names()).toEqual(['no-tokens']);
  expect((await put(['odd-401=3', 'lists-null'])).status).toBe(200);
  expect(await names()).toEqual(['lists-null', 'odd-401']);
  const refused = await put(['nope']);
  expect([refused.status, (await refused.json()).error]).toEqual([400, expect.stringContaining('"nope"')]);
  expect(await names()).toEqual(['lists-null', 'odd-401']);
});

test.each<[string, string, object]>([
  ['lists-null', '/scans', { scans: null }],
  ['facts-null', '/server/properties', { capabilities: null, license: { features: null } }],
  ['null-objects', '/server/properties', { capabilities: null, license: null }],
  ['text-numbers', '/server/properties', { expiration: '4102444800' }],
  ['milliseconds', '/server/properties', { expiration: 4_102_444_800_000 }],
])('%s: %s', async (quirk, path, expected) => {
  await using simulator = await open(quirk);
  expect((await ask(simulator, 'GET', path)).json).toMatchObject(expected);
});

test('answers of null, and of HTML, come as often as was said', async () => {
  await using simulator = await open('null-answers=1', 'html-answers=1');
  const texts = [];
  for (let i = 0; i < 3; i++) texts.push((await ask(simulator, 'GET', '/folders')).text.slice(0, 10));
  expect(texts).toEqual(['<html>Log ', 'null', '{"folders"']);
});

test('the list is as long as was said, and details are', async () => {
  await using simulator = await open('many-scans=100000', 'details-long=2');
  const id = await scan(simulator);
  expect((await ask(simulator, 'GET', '/scans')).json.scans).toHaveLength(100_001);
  const { text, json } = await ask(simulator, 'GET', `/scans/${id}`);
  expect(text.length).toBeGreaterThan(2_097_152);
  expect(json).toMatchObject({ info: { status: 'completed' } });
});

test('an export is forgotten, cannot be written, is refused for a moment, or is of another scan', async () => {
  await using simulator = await open();
  const id = await scan(simulator);
  const begin = (): Promise<Answer> => ask(simulator, 'POST', `/scans/${id}/export`, { format: 'nessus' });
  const statuses = async (): Promise<unknown[]> => {
    const { json } = await begin();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const ways = [`/tokens/${json.token}`, `/scans/${id}/export/${json.file}`];
    const asked = [];
    for (const way of ways) asked.push((await ask(simulator, 'GET', `${way}/status`)).status);
    return asked;
  };
  expect(await statuses()).toEqual([200, 200]);
  simulator.setQuirks(['no-tokens']);
  expect(await statuses()).toEqual([404, 200]);
  simulator.setQuirks(['export-forgotten']);
  expect([await statuses(), await statuses()]).toEqual([
    [404, 404],
    [200, 200],
  ]);
  simulator.setQuirks(['export-fails']);
  expect([await statuses(), await statuses()]).toEqual([
    [500, 404],
    [200, 200],
  ]);
  simulator.setQuirks(['export-busy=1']);
  expect([(await begin()).status, (await begin()).status]).toEqual([409, 200]);
  simulator.setQuirks(['export-slow']);
  const slow = (await begin()).json;
  expect((await ask(simulator, 'GET', `/tokens/${slow.token}/status`)).json).toEqual({ status: 'loading' });
  simulator.setQuirks(['export-of-another']);
  const { token } = (await begin()).json;
  await new Promise((resolve) => setTimeout(resolve, 10));
  const { text } = await ask(simulator, 'GET', `/tokens/${token}/download`);
  expect(text).toContain('<policyComments>[nmcp:ne_scan_of_somebody_else]</policyComments>');
});

test('namesakes are there before the first scan of a name, and cannot be looked into', async () => {
  await using simulator = await open(
    'namesakes=3',
    'shared-namesake',
    'imported-namesake',
    'deleted-namesake',
  );
  const id = await scan(simulator, 'same');
  const scans = (await ask(simulator, 'GET', '/scans')).json.scans as { id: number; name: string }[];
  expect(scans.filter(({ name }) => name === 'same')).toHaveLength(7);
  const statuses = [];
  for (const each of scans) statuses.push((await ask(simulator, 'GET', `/editor/scan/${each.id}`)).status);
  expect(statuses.sort()).toEqual([200, 200, 200, 200, 403, 404, 404]);
  expect(simulator.counts()).toMatchObject({ created: 1, launched: 1 });
  expect((await ask(simulator, 'GET', `/editor/scan/${id}`)).status).toBe(200);
});

test('an upgrade changes the uuids of templates; the old ones are refused', async () => {
  await using simulator = await open('templates-change');
  const settings = { name: 'n', text_targets: '192.0.2.1' };
  expect((await ask(simulator, 'POST', '/scans', { uuid, settings })).status).toBe(400);
  const { templates } = (await ask(simulator, 'GET', '/editor/scan/templates')).json;
  const [first] = templates as { uuid: string }[];
  expect((await ask(simulator, 'POST', '/scans', { uuid: first?.uuid, settings })).status).toBe(200);
});

test('a report names its scan by the description, and its run', async () => {
  await using simulator = await open();
  const settings = { name: 'n', text_targets: '192.0.2.1', description: 'a & b [nmcp:x]', launch_now: true };
  const { scan: made } = (await ask(simulator, 'POST', '/scans', { uuid, settings })).json;
  const { id } = made as { id: number };
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { json } = await ask(simulator, 'POST', `/scans/${id}/export`, { format: 'nessus' });
  await new Promise((resolve) => setTimeout(resolve, 10));
  const { text } = await ask(simulator, 'GET', `/tokens/${json.token}/download`);
  const run = (await ask(simulator, 'GET', `/scans/${id}`)).json.info as { uuid: string };
  expect(text).toContain('<policyComments>a &amp; b [nmcp:x]</policyComments>');
  expect(text).toContain(`<name>report_task_id</name>\n<value>${run.uuid}</value>`);
});
