import { inspect } from 'node:util';
import {
  createNessusClient,
  createPolicy,
  listFolders,
  listTemplates,
  NessusApiError,
  type NessusClient,
} from '@nmcp/nessus-client';
import { type Simulator, startSimulator } from '@nmcp/simulator';
import type { Scanner, ScanRequest } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { limitCalls } from './limit_calls.ts';
import { adaptNessus } from './mod.ts';
import type { ScanSettingsConfig } from './scan_settings.ts';

const REQUEST: ScanRequest = {
  targets: '192.0.2.1',
  name: 'n',
  description: '',
  marker: 'nmcp:t',
  scanType: 'untrusted',
};

/** A simulated scanner, its client, and what the last scan was created with. */
async function stage(): Promise<
  AsyncDisposable & {
    simulator: Simulator;
    client: ReturnType<typeof createNessusClient>;
    create: (scan: Partial<ScanSettingsConfig>) => Promise<Record<string, unknown>>;
  }
> {
  const simulator = await startSimulator({ tls: false });
  let body: Record<string, unknown> = {};
  const { url, accessKey, secretKey } = simulator;
  const client = createNessusClient({
    url,
    auth: { accessKey, secretKey },
    fetch: async (input, init) => {
      if (init?.method === 'POST' && String(input).endsWith('/scans')) body = JSON.parse(String(init.body));
      return await fetch(input, init);
    },
  });
  return {
    simulator,
    client,
    async create(scan) {
      const scanner = adaptNessus(client, async () => {}, { scan: { settings: {}, ...scan } });
      await scanner.createScan(REQUEST);
      return body;
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

describe('a scan is created as the configuration says', () => {
  test('from a template, with further fields, in a folder that is made where it is missing', async () => {
    await using t = await stage();
    const basic = (await listTemplates(t.client, 'scan')).find(({ name }) => name === 'basic');
    const scan = { template: 'basic', folder: 'Agents', settings: { acls: [] } };
    const body = await t.create(scan);
    const folders = await listFolders(t.client);
    const made = folders.filter(({ name }) => name === 'Agents');
    expect(made).toHaveLength(1);
    expect(body).toMatchObject({
      uuid: basic?.uuid,
      settings: { folder_id: made[0]?.id, acls: [], name: 'n' },
    });
    await t.create(scan);
    expect(await listFolders(t.client)).toHaveLength(folders.length);
  });

  test('from a policy, on one of the scanners that it manages', async () => {
    await using t = await stage();
    const [template] = await listTemplates(t.client, 'policy');
    const uuid = template?.uuid ?? '';
    const policy_id = await createPolicy(t.client, { uuid, settings: { name: 'Ours' } });
    expect(await t.create({ policy: 'Ours', scanner: 1 })).toMatchObject({
      uuid,
      settings: { policy_id, scanner_id: 1 },
    });
  });

  test.each<[Partial<ScanSettingsConfig>, RegExp]>([
    [{ template: 'mine' }, /no scan template mine; available are: discovery, basic, advanced/],
    [{ policy: 'Theirs' }, /no policy Theirs; available are: none/],
    [{ scanner: 'Berlin' }, /no managed scanner Berlin; available are: /],
  ])('what it does not have is named: %j', async (scan, why) => {
    await using t = await stage();
    await expect(t.create(scan)).rejects.toMatchObject({
      code: 'scanner_error',
      message: expect.stringMatching(why),
    });
    expect(t.simulator.counts().created).toBe(0);
  });
});

test('a template that got another number by an upgrade is asked for again, once', async () => {
  let [uuid, created] = ['old', 0];
  const asked: string[] = [];
  const client = {
    async call(_schema: unknown, method: string, path: string, content: { body?: { uuid?: string } } = {}) {
      asked.push(`${method} ${path}`);
      if (method === 'GET') return { templates: [{ uuid, name: 'advanced' }] };
      if (content.body?.uuid !== uuid)
        throw new NessusApiError('scanner_error', 'Invalid template', 400, 'POST /scans');
      return { id: ++created };
    },
  } as unknown as NessusClient; // what it answers is what the client has checked
  const scanner = adaptNessus(client);
  await scanner.createScan(REQUEST);
  uuid = 'new';
  await scanner.createScan(REQUEST);
  await scanner.createScan(REQUEST);
  const templates = 'GET /editor/scan/templates';
  const create = 'POST /scans';
  expect(asked).toEqual([templates, create, create, templates, create, create]);
  expect(created).toBe(3);
});

test.each([
  ['that lists', 'GET', /^\/scans$/, (scanner: Scanner) => scanner.listScans()],
  ['for details', 'GET', /^\/scans\/7$/, (scanner: Scanner) => scanner.describeScan(7)],
  ['that exports', 'POST', /^\/scans\/7\/export$/, (scanner: Scanner) => scanner.exportResults(7)],
  ['that deletes', 'DELETE', /^\/scans\/7$/, (scanner: Scanner) => scanner.delete(7)],
] as const)(
  'what a scanner says of a request %s does not repeat its login',
  async (_name, method, path, ask) => {
    await using t = await stage();
    const { accessKey, secretKey } = t.simulator;
    const body = JSON.stringify({ error: `accessKey=${accessKey}; secretKey=${secretKey}; is wrong` });
    t.simulator.fail({ method, path, status: 400, body, times: 9 });
    const refused = await ask(adaptNessus(t.client)).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      message: expect.stringContaining('accessKey=[secret]; secretKey=[secret]; is'),
    });
    expect(inspect(refused, { depth: 9 })).not.toContain(secretKey);
  },
);

test.each(['login', 'session'])('nor the password or token of a %s', async (what) => {
  const asked: string[] = [];
  const client = createNessusClient({
    url: 'http://scanner.example',
    auth: { username: 'u', password: 'planted-password' },
    retry: { tries: 1 },
    fetch: async (input, init) => {
      asked.push(String(input));
      if (what === 'session' && String(input).endsWith('/session'))
        return Response.json({ token: 'planted-token' });
      return Response.json(
        {
          error: `no: ${String(init?.body)} ${JSON.stringify(init?.headers)} planted-token planted-password`,
        },
        { status: 400 },
      );
    },
  });
  const refused = await adaptNessus(client)
    .listScans()
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Error);
  expect(inspect(refused, { depth: 9 })).not.toContain(what === 'session' ? 'planted' : 'planted-password');
});

test('what a scanner says of a request does not repeat its secrets', async () => {
  await using t = await stage();
  const body = JSON.stringify({ error: 'Bad login: root with pl"anted-1 and planted-2%' });
  t.simulator.fail({ method: 'POST', path: /^\/scans$/, status: 400, body });
  const credentials = {
    type: 'ssh',
    auth_method: 'password',
    username: 'root',
    password: 'pl"anted-1',
    elevate_privileges_with: 'sudo',
    escalation_password: 'planted-2%',
  } as const;
  const refused = await adaptNessus(t.client)
    .createScan({ ...REQUEST, credentials })
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({
    message: expect.stringContaining('Bad login: root with [secret] and [secret]'),
  });
  expect(inspect(refused, { depth: 9 })).not.toContain('anted');
});

test.each([
  [400, { isNew: true, name: '', targets: '' }],
  [401, { isNew: true, name: '', targets: '' }],
  [504, { isNew: true, name: '', targets: '' }],
  [403, undefined],
])(
  'details that answer %i leave what the list says, unless the scan may not be seen',
  async (status, described) => {
    await using t = await stage();
    const scanner = adaptNessus(t.client);
    const id = await scanner.createScan(REQUEST);
    t.simulator.fail({ method: 'GET', path: /^\/scans\/\d+$/, status, times: 9 });
    const answer = await scanner.describeScan(id).catch(() => undefined);
    if (described) expect(answer).toMatchObject(described);
    else expect(answer).toBeUndefined();
  },
);

test('an odd answer about a scan that is to be launched does not refuse the launch', async () => {
  await using t = await stage();
  const scanner = adaptNessus(t.client);
  const id = await scanner.createScan(REQUEST);
  t.simulator.fail({ method: 'GET', path: /^\/scans$/, status: 200, body: '<html>' });
  t.simulator.fail({ method: 'GET', path: /^\/scans\/\d+$/, status: 400 });
  await expect(scanner.launch(id)).rejects.toMatchObject({ code: 'scanner_unreachable' });
  await scanner.launch(id);
  expect(t.simulator.counts().launched).toBe(1);
});

test('no more calls are made than a scanner may be asked', async () => {
  let [now, most, calls] = [0, 0, 0];
  const slow: typeof fetch = async () => {
    most = Math.max(most, ++now);
    calls++;
    await new Promise((resolve) => setTimeout(resolve, 10));
    now--;
    return new Response('{}');
  };
  const limited = limitCalls(slow, { concurrent_calls: 2 });
  await Promise.all(Array.from({ length: 7 }, () => limited('http://scanner')));
  expect([most, calls]).toEqual([2, 7]);
  const given = new AbortController();
  const rare = limitCalls(slow, { calls_per_minute: 60 });
  await rare('http://scanner');
  const waiting = rare('http://scanner', { signal: given.signal });
  given.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  expect(calls).toBe(8); // what was given up before its turn was not sent
});
