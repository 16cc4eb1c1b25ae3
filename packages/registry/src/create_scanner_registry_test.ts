import { createEmbeddedQueue } from '@nmcp/queue';
import { startSimulator } from '@nmcp/simulator';
import { tempFolder } from '@nmcp/test-support';
import { DEFAULT_POOL, type PoolName, type Scanner } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import {
  createNessusScanner,
  createScannerRegistry,
  parseScanners,
  type ScannerConfig,
  type ScannerFactory,
  type ScannerRegistry,
} from './mod.ts';

const YAML = `nessus:
  - {instance_id: a, url: "https://u:p@a:8834", username: u, password: p, max_concurrent_scans: 2}
  - {instance_id: b, url: "https://b:8834", username: u, password: p, max_concurrent_scans: 1}
  - {instance_id: off, url: "https://c:8834", username: u, password: p, enabled: false}
`;

async function open(
  yaml = YAML,
  nessus: ScannerFactory = () => ({ close: async () => {} }) as Scanner,
): Promise<
  AsyncDisposable & {
    registry: ScannerRegistry;
    advance: (ms: number) => void;
    drain: (scanner: string, drained: boolean) => Promise<unknown>;
  }
> {
  const folder = await tempFolder();
  let now = 1_800_000_000_000;
  const queue = await createEmbeddedQueue({ path: `${folder.path}/q.db`, clock: () => now++ });
  const registry = createScannerRegistry({
    pools: parseScanners(yaml, { environment: {} }),
    slots: queue.slots,
    circuits: queue.circuits,
    drains: queue.drains,
    factories: { nessus },
  });
  return {
    registry,
    drain: queue.drains.set,
    advance: (ms) => {
      now += ms;
    },
    async [Symbol.asyncDispose]() {
      await registry.close();
      await queue.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('slots', () => {
  test('go to the least utilised scanner, then to the least recently used one', async () => {
    await using t = await open();
    const take = async (holder: string): Promise<string | undefined> =>
      (await t.registry.acquire(DEFAULT_POOL, holder, 60_000))?.config.instance_id;
    expect([await take('1'), await take('2'), await take('3'), await take('4')]).toEqual([
      'a',
      'b',
      'a',
      undefined,
    ]);
    expect(await t.registry.status(DEFAULT_POOL)).toMatchObject({
      total_scanners: 3,
      total_capacity: 3,
      total_active: 3,
      available_capacity: 0,
      utilization_pct: 100,
    });
  });

  test('come back when released, and when their holder is gone', async () => {
    await using t = await open();
    const slot = await t.registry.acquire(DEFAULT_POOL, '1', 60_000, { instanceId: 'b' });
    expect(await t.registry.acquire(DEFAULT_POOL, '2', 60_000, { instanceId: 'b' })).toBeUndefined();
    await slot?.release();
    expect(await t.registry.acquire(DEFAULT_POOL, '2', 60_000, { instanceId: 'b' })).toBeDefined();
    t.advance(61_000);
    expect(await t.registry.acquire(DEFAULT_POOL, '3', 60_000, { instanceId: 'b' })).toBeDefined();
  });
});

describe('a reload', () => {
  const only = (entry: string): string => `nessus:\n  - {${entry}, username: u, password: p}\n`;
  const parse = (yaml: string): ReturnType<typeof parseScanners> => parseScanners(yaml, { environment: {} });

  test('that makes a scanner smaller lets it finish what it has, and gives it nothing new', async () => {
    await using t = await open();
    const on = { instanceId: 'a' };
    const [first, second] = [
      await t.registry.acquire(DEFAULT_POOL, '1', 60_000, on),
      await t.registry.acquire(DEFAULT_POOL, '2', 60_000, on),
    ];
    t.registry.reload(parse(only('instance_id: a, url: "https://a:8834", max_concurrent_scans: 1')));
    expect([await first?.renew(60_000), await second?.renew(60_000)]).toEqual([true, true]);
    expect((await t.registry.list())[0]).toMatchObject({ active_scans: 2, available_capacity: 0 });
    await first?.release();
    expect(await t.registry.acquire(DEFAULT_POOL, '3', 60_000)).toBeUndefined();
    await second?.release();
    expect(await t.registry.acquire(DEFAULT_POOL, '3', 60_000)).toBeDefined();
  });

  test.each([
    ['disables', only('instance_id: a, url: "https://a:8834", enabled: false')],
    ['leaves out', only('instance_id: b, url: "https://b:8834"')],
  ])('that %s a scanner lets another worker go on with what runs there', async (_name, yaml) => {
    await using t = await open();
    const running = await t.registry.acquire(DEFAULT_POOL, '1', 60_000, { instanceId: 'a' });
    t.registry.reload(parse(yaml));
    expect(await running?.renew(60_000)).toBe(true);
    await running?.release();
    const resumed = await t.registry.acquire(DEFAULT_POOL, '1', 60_000, { instanceId: 'a', resumes: true });
    expect(resumed?.config.instance_id).toBe('a');
    expect(() => t.registry.requireScanner(DEFAULT_POOL, 'a')).toThrow(/is disabled|was not found/);
  });

  test('that gives a scanner another name lets a worker that came later go on there', async () => {
    await using t = await open(only('instance_id: renamed, url: "https://A:8834/"'));
    const on = { instanceId: 'a', address: 'a:8834' };
    const resumed = await t.registry.acquire(DEFAULT_POOL, '1', 60_000, { ...on, resumes: true });
    expect(resumed?.config.instance_id).toBe('renamed');
    await expect(t.registry.acquire(DEFAULT_POOL, '2', 60_000, on)).rejects.toThrow(/was not found/);
  });

  test('that changes a login closes the old connection when its last user is done', async () => {
    let closed = 0;
    const made: string[] = [];
    await using t = await open(YAML, (config) => {
      made.push(config.url);
      return {
        close: async () => {
          closed++;
        },
      } as Scanner;
    });
    const old = await t.registry.acquire(DEFAULT_POOL, '1', 60_000, { instanceId: 'a' });
    t.registry.reload(parse(only('instance_id: a, url: "https://moved:8834"')));
    const moved = await t.registry.acquire(DEFAULT_POOL, '2', 60_000, { instanceId: 'a' });
    expect([made, closed]).toEqual([['https://u:p@a:8834', 'https://moved:8834'], 0]);
    await old?.release();
    await old?.release();
    expect(closed).toBe(1);
    await moved?.release();
    expect(closed).toBe(1);
  });

  test('of a kind of scanner that is not supported changes nothing', async () => {
    await using t = await open();
    const openvas = new Map([['openvas' as PoolName, []]]);
    expect(() => t.registry.reload(openvas)).toThrow(/not supported/);
    expect(t.registry.pools()).toEqual(['nessus']);
  });
});

describe('a scanner out of service', () => {
  test('gets nothing new, and finishes what it has', async () => {
    await using t = await open();
    await t.registry.acquire(DEFAULT_POOL, '1', 60_000, { instanceId: 'a' });
    await t.drain('nessus:a', true);
    const take = async (holder: string, instanceId?: string, resumes = false): Promise<string | undefined> =>
      (await t.registry.acquire(DEFAULT_POOL, holder, 60_000, { instanceId, resumes }))?.config.instance_id;
    expect([await take('2'), await take('3'), await take('4', 'a'), await take('1', 'a', true)]).toEqual([
      'b',
      undefined,
      undefined,
      'a',
    ]);
    expect(await t.registry.list()).toMatchObject([
      { instance_id: 'a', drained: true, active_scans: 1, available_capacity: 0 },
      { instance_id: 'b', drained: false },
      { instance_id: 'off' },
    ]);
    await t.drain('nessus:a', false);
    expect(await take('4')).toBe('a');
  });
});

test('listings show the load, and no login of a URL', async () => {
  await using t = await open();
  await t.registry.acquire(DEFAULT_POOL, '1', 60_000, { instanceId: 'a' });
  const [a, , off] = await t.registry.list();
  expect(a).toEqual({
    scanner_type: 'nessus',
    pool: 'nessus',
    instance_id: 'a',
    instance_key: 'nessus:a',
    name: 'a',
    url: 'https://a:8834/',
    enabled: true,
    max_concurrent_scans: 2,
    active_scans: 1,
    available_capacity: 1,
    utilization_pct: 50,
    circuit: 'closed',
    drained: false,
  });
  expect(off).toMatchObject({ enabled: false, available_capacity: 0 });
});

test('what does not exist is an error that says what does', async () => {
  await using t = await open();
  expect(() => t.registry.requirePool('nope')).toThrow(/pool "nope" was not found; the pools are nessus/);
  expect(() => t.registry.requireScanner(DEFAULT_POOL, 'nope')).toThrow(
    /scanner "nope" of the pool nessus was not found; the pool has a, b/,
  );
  expect(() => t.registry.requireScanner(DEFAULT_POOL, 'off')).toThrow(/is disabled/);
  await expect(
    open('openvas:\n  - {instance_id: o, url: "https://o", username: u, password: p}\n'),
  ).rejects.toThrow(/type openvas, which is not supported/);
});

describe('the Nessus adapter', () => {
  const config = (url: string, tls: ScannerConfig['tls'], auth: ScannerConfig['auth']): ScannerConfig => ({
    pool: 'nessus' as PoolName,
    scanner_type: 'nessus',
    instance_id: 's',
    name: 's',
    url,
    auth,
    tls,
    enabled: true,
    max_concurrent_scans: 1,
  });
  const request = {
    targets: '192.0.2.1',
    name: 'n',
    description: 'd',
    marker: 'nmcp:t-1',
    scanType: 'untrusted' as const,
  };

  test('runs a scan over TLS with a pinned certificate; launching twice starts it once', async () => {
    await using simulator = await startSimulator({ speed: 3000 });
    const scanner = createNessusScanner(
      config(
        simulator.url,
        { fingerprint: simulator.fingerprint },
        { username: simulator.username, password: simulator.password },
      ),
    );
    const id = await scanner.createScan(request);
    expect(await scanner.findByMarker('nmcp:t-1')).toEqual([id]);
    await scanner.launch(id);
    await scanner.launch(id);
    expect(simulator.counts()).toMatchObject({ created: 1, launched: 1 });
    for (let phase = ''; phase !== 'completed'; ) ({ phase } = await scanner.status(id));
    expect(await new Response(await scanner.exportResults(id)).text()).toContain(
      '<ReportHost name="192.0.2.1">',
    );
    await scanner.stop(id);
    await scanner.delete(id);
    await scanner.delete(id);
    await expect(scanner.status(id)).rejects.toMatchObject({ code: 'not_found' });
    await scanner.close();
  });

  test.each([
    ['another certificate than the pinned one', { fingerprint: 'ab'.repeat(32) }],
    ['a certificate that nobody vouches for', {}],
  ])('%s is refused before anything is sent', async (_name, tls) => {
    await using simulator = await startSimulator();
    const scanner = createNessusScanner(
      config(simulator.url, tls, { username: simulator.username, password: simulator.password }),
    );
    await expect(scanner.status(1)).rejects.toMatchObject({
      code: 'scanner_unreachable',
      message: expect.stringMatching(/not trusted.*CA file or its SHA-256 fingerprint/),
    });
    expect(simulator.counts().logins).toBe(0);
    await scanner.close();
  });
});
