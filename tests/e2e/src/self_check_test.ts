import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_CALLER } from '@nmcp/access';
import { createHttpApp } from '@nmcp/mcp';
import { logSelfCheck, openServices } from '@nmcp/runtime';
import { startWorker } from '@nmcp/runtime/worker';
import { type CheckResult, listScanners, type Services, submitScan } from '@nmcp/scans';
import { readSettings } from '@nmcp/settings';
import { type Simulator, startSimulator } from '@nmcp/simulator';
import { runApp, tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Services in this process, before a simulated scanner. */
async function open(
  environment: Record<string, string>,
  dataDir: string,
): Promise<Services & { settings: ReturnType<typeof readSettings> }> {
  const all = { LOG_LEVEL: 'silent', ...environment };
  const settings = readSettings(all, { dataDir });
  return { ...(await openServices({ settings, environment: all, app: 'test' })), settings };
}

const wrongOf = (results: readonly CheckResult[]): CheckResult[] =>
  results.filter(({ state }) => state !== 'ok');

const request = {
  targets: '192.0.2.1',
  name: 'n',
  description: '',
  schema_profile: 'brief' as const,
  scanner_pool: 'nessus',
};

describe('the self-check', () => {
  let simulator: Simulator;
  let folder: AsyncDisposable & { path: string };
  let scanner: Record<string, string>;
  let dataDir = '';
  let count = 0;
  beforeAll(async () => {
    simulator = await startSimulator({ speed: 300 });
    folder = await tempFolder();
  });
  afterAll(async () => {
    await simulator.close();
    await folder[Symbol.asyncDispose]();
  });
  const fresh = (): void => {
    dataDir = join(folder.path, `data${count++}`);
    const { url, accessKey, secretKey, fingerprint = '' } = simulator;
    scanner = {
      NESSUS_URL: url,
      NESSUS_ACCESS_KEY: accessKey,
      NESSUS_SECRET_KEY: secretKey,
      NESSUS_FINGERPRINT: fingerprint,
    };
  };

  test('finds nothing wrong where nothing is, and looks once a minute', async () => {
    fresh();
    await using services = await open(scanner, dataDir);
    await using worker = startWorker(services, services.settings);
    await worker.seen;
    const results = await services.selfCheck.results();
    expect(wrongOf(results)).toEqual([]);
    expect(new Set(results.map(({ check }) => check))).toEqual(
      new Set([
        'disk',
        'access',
        'secret key',
        'queue',
        'clock',
        'policy',
        'scanner nessus:scanner1',
        'workers',
      ]),
    );
    const asked = simulator.requests().length;
    expect(await services.selfCheck.results()).toBe(results);
    expect(simulator.requests().length).toBe(asked);
  });

  test.each([
    [{ NESSUS_FINGERPRINT: 'AB'.repeat(32) }, /not the pinned one/, /NESSUS_FINGERPRINT/],
    [{ NESSUS_FINGERPRINT: '' }, /certificate.*is not trusted/, /NESSUS_FINGERPRINT or NESSUS_CA_FILE/],
    [{ NESSUS_FINGERPRINT: '', NESSUS_CA_FILE: '/gone.pem' }, /CA file cannot be read/, /NESSUS_CA_FILE/],
    [{ NESSUS_SECRET_KEY: 'wrong' }, /refused the credentials/, /NESSUS_SECRET_KEY/],
    [{ NESSUS_URL: 'https://127.0.0.1:9' }, /cannot be reached/, /NESSUS_URL/],
  ])('says of a scanner with %o what to do', async (change, detail, advice) => {
    fresh();
    await using services = await open({ ...scanner, ...change }, dataDir);
    const found = (await services.selfCheck.results()).find(({ check }) => check.startsWith('scanner'));
    expect(found).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(detail),
      advice: expect.stringMatching(advice),
    });
  });

  test('a submission that would only wait says why, and what to start', async () => {
    fresh();
    const wrong = { ...scanner, NESSUS_FINGERPRINT: '' };
    await using services = await open(wrong, dataDir);
    const submitted = await submitScan(services, LOCAL_CALLER, request);
    expect(submitted.outcome).toBe('queued');
    expect(submitted.estimated_wait_minutes).toBe(null);
    expect(submitted.waits?.join(' ')).toMatch(
      /no worker has been seen.*apps\/worker.*certificate.*NESSUS_FINGERPRINT/is,
    );
    expect(wrongOf(await services.selfCheck.results()).map(({ check }) => check)).toEqual([
      'scanner nessus:scanner1',
      'workers',
    ]);
  });

  test('why a circuit is open outlives a restart, and the start that finds the scanner well closes it', async () => {
    fresh();
    {
      await using services = await open(
        { ...scanner, NESSUS_FINGERPRINT: '', CIRCUIT_FAILURES: '1' },
        dataDir,
      );
      await services.selfCheck.results();
    }
    await using services = await open({ ...scanner, CIRCUIT_FAILURES: '1' }, dataDir);
    const circuits = async (): Promise<object> =>
      (await listScanners(services, LOCAL_CALLER, { include_disabled: true })).scanners[0] ?? {};
    expect(await circuits()).toMatchObject({
      circuit: 'open',
      problem: expect.stringMatching(/not trusted.*NESSUS_FINGERPRINT/),
    });
    await logSelfCheck(services);
    expect(await circuits()).not.toHaveProperty('problem');
    expect(await circuits()).toMatchObject({ circuit: 'closed' });
  });

  test('files that others can read, or that are not there, are told of at the start', async () => {
    fresh();
    const credentials = join(folder.path, 'credentials.yaml');
    await writeFile(credentials, 'a: {ssh: {username: u, password: planted}, targets: [192.0.2.0/24]}\n');
    await chmod(credentials, 0o644);
    await using services = await open({ ...scanner, CREDENTIALS_FILE: credentials }, dataDir);
    const found = wrongOf(await services.selfCheck.results()).find(({ check }) => check === 'credentials');
    expect(found).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining(`chmod 600 ${credentials}`),
    });
    await using other = await open({ ...scanner, CREDENTIALS_FILE: '/gone.yaml' }, dataDir);
    const gone = wrongOf(await other.selfCheck.results()).find(({ check }) => check === 'credentials');
    expect(gone?.detail).toMatch(/gone\.yaml.*ENOENT/);
  });

  test('is in /health, without its details where others than this machine can ask', async () => {
    fresh();
    await using services = await open(scanner, dataDir);
    await services.selfCheck.results();
    const health = async (more: Partial<Services>): Promise<Record<string, unknown>> => {
      const { app } = createHttpApp({ ...services, ...more });
      return (await (await app.request('/health', { headers: { host: 'localhost' } })).json()) as Record<
        string,
        unknown
      >;
    };
    const workers = { check: 'workers', state: 'warning' };
    expect((await health({})).self_check).toContainEqual({
      ...workers,
      pool: 'nessus',
      detail: expect.any(String),
      advice: expect.any(String),
    });
    const { openTokenFile } = await import('@nmcp/access');
    const guarded = await health({ tokens: openTokenFile(join(dataDir, '.tokens.json')) });
    expect(guarded.self_check).toContainEqual(workers);
    expect(JSON.stringify(guarded)).not.toContain('apps/worker');
  });

  test('doctor only reads: a data directory and a key are made by the first start', async () => {
    fresh();
    const { code, stdout } = await runApp('admin-cli', ['doctor'], {
      environment: { ...scanner, DATA_DIR: dataDir },
    });
    expect(stdout).toMatch(/does not exist\n +The first start makes it/);
    expect(stdout).toMatch(/ok +scanner nessus:scanner1: Nessus Manager [\d.]+, plugins/);
    expect([code, existsSync(dataDir)]).toEqual([0, false]);
  });
});
