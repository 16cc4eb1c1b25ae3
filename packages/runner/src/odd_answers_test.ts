import { readFile } from 'node:fs/promises';
import type { Scanner } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { type Bench, type BenchOptions, bench } from './runner_test_bench.ts';

const ONCE = { created: 1, launched: 1 };
const ALWAYS = Number.POSITIVE_INFINITY;

/** Changes what a scanner's calls do. */
function changing(change: (scanner: Scanner) => Partial<Scanner>): BenchOptions {
  return {
    wrap: (factory) => (config) => {
      const scanner = factory(config);
      return { ...scanner, ...change(scanner) };
    },
  };
}

const isOpen = async (t: Bench): Promise<boolean> =>
  (await t.queue.circuits.states(['nessus:s1']))[0]?.state !== 'closed';

describe('a scan that runs does not end by', () => {
  test.each<[string, object]>([
    ['a login that is refused once', { status: 401 }],
    ['a bad request', { status: 400 }],
    ['a refusal', { status: 403 }],
    ['a scan that is not there once', { status: 404 }],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere/' } }],
    ["a proxy's page", { status: 200, body: '<html>Please log in</html>' }],
    ['nothing at all', { status: 200, body: '' }],
    ['an answer of null', { status: 200, body: 'null' }],
  ])('%s', async (_name, fault) => {
    await using t = await bench({
      speed: 120,
      config: { auth: { accessKey: 'simulator-access-key', secretKey: 'simulator-secret-key' } },
    });
    const id = await t.submit();
    t.start();
    await t.until(() => t.simulator.counts().launched === 1);
    t.simulator.fail({ method: 'GET', path: /^\/scans(?:\/\d+)?$/, times: 2, ...fault });
    expect((await t.ended(id)).status).toBe('completed');
    expect(t.simulator.counts()).toMatchObject(ONCE);
  });

  test('details that never come: the list says when it has ended', async () => {
    await using t = await bench({ speed: 300 });
    t.simulator.fail({ method: 'GET', path: /^\/scans\/\d+$/, times: ALWAYS, status: 504 });
    const id = await t.submit();
    t.start();
    expect((await t.ended(id)).status).toBe('completed');
    expect(await isOpen(t)).toBe(false);
  });

  test('a list that never comes: the details say when it has ended', async () => {
    await using t = await bench({ speed: 300 });
    const id = await t.submit();
    t.start();
    await t.until(() => t.simulator.counts().launched === 1);
    t.simulator.fail({ method: 'GET', path: /^\/scans$/, times: ALWAYS, status: 200, body: '<html>' });
    expect((await t.ended(id)).status).toBe('completed');
  });
});

test.each([
  ['before it is created', /^\/(?:session|editor)/],
  ['before it is launched', /^\/scans(?:\/\d+(?:\/launch)?)?$/],
])("a proxy's page for a while %s ends no task", async (_name, path) => {
  await using t = await bench({ speed: 300 });
  t.simulator.fail({ path, times: 6, status: 200, body: '<html>Please log in</html>' });
  const id = await t.submit();
  t.start();
  expect((await t.ended(id)).status).toBe('completed');
  expect(t.simulator.counts()).toMatchObject(ONCE);
});

test('while it waits, its status says for what', async () => {
  await using t = await bench({ speed: 60 });
  const id = await t.submit();
  t.start();
  await t.until(() => t.simulator.counts().launched === 1);
  t.simulator.fail({ method: 'GET', path: /^\/scans/, times: ALWAYS, status: 502 });
  const { waiting } = await t.until(async () => {
    const task = await t.tasks.read(id);
    return task.waiting && task;
  });
  expect(waiting?.said).toMatch(/cannot answer now \(GET \/scans.* answered 502/);
  const said = t.logged.filter((line) => line.includes('waits for the scanner')).length;
  t.simulator.clearFaults();
  await t.until(async () => (await t.tasks.read(id)).waiting === undefined);
  expect(said).toBeLessThanOrEqual(2); // of the list, and of the details
  expect((await t.ended(id)).status).toBe('completed');
  expect((await t.tasks.read(id)).waiting).toBeUndefined();
});

describe('a scanner that is not understood when a scan is created', () => {
  const page = { times: ALWAYS, status: 200, body: '<html>' };

  test('is shown, and waited for', async () => {
    await using t = await bench();
    t.simulator.fail({ path: /^\/(?:scans|editor)/, ...page });
    const id = await t.submit();
    t.start({ observeMs: 200 });
    const { waiting } = await t.until(async () => {
      const task = await t.tasks.read(id);
      return task.waiting && task;
    });
    expect(waiting?.said).toMatch(/was expected to answer JSON and answered HTML/);
    t.simulator.clearFaults();
    const task = await t.ended(id);
    expect(task.status).toBe('completed');
    expect(task.waiting).toBeUndefined();
    expect(t.simulator.counts()).toMatchObject(ONCE);
  });

  test("is waited for until the task's time is over", async () => {
    await using t = await bench();
    t.simulator.fail({ path: /^\/(?:scans|editor)/, ...page });
    const id = await t.submit();
    t.start({ observeMs: 100, scanTimeoutMs: 400 });
    expect(await t.ended(id)).toMatchObject({
      status: 'failed',
      error_message: expect.stringMatching(/answered HTML/),
    });
  });
});

test('a scan that the scanner says again and again to be gone has failed', async () => {
  await using t = await bench({ speed: 1 });
  const id = await t.submit();
  t.start({ goneMs: 150 });
  await t.until(() => t.simulator.counts().launched === 1);
  const from = performance.now();
  t.simulator.fail({ method: 'GET', path: /^\/scans\/\d+$/, times: ALWAYS, status: 404 });
  t.simulator.fail({ method: 'GET', path: /^\/scans$/, times: ALWAYS, status: 200, body: '{"scans":null}' });
  const task = await t.ended(id);
  expect(task).toMatchObject({
    status: 'failed',
    error_message: expect.stringMatching(/was deleted on the scanner, or may no longer be seen/),
  });
  expect(performance.now() - from).toBeGreaterThan(140);
});

test('a limit of scans at a time is waited for as long as the scanner asks, and is no failure of it', async () => {
  await using t = await bench();
  t.simulator.fail({
    method: 'POST',
    path: /launch$/,
    times: 5,
    status: 429,
    headers: { 'retry-after': '0' },
  });
  const id = await t.submit();
  t.start();
  expect((await t.ended(id)).status).toBe('completed');
  expect(t.simulator.counts()).toMatchObject(ONCE);
  expect(await isOpen(t)).toBe(false);
});

test('a word that nobody knows is shown, and decided by what else the scanner says', async () => {
  let word = 'marinating';
  await using t = await bench({
    speed: 60,
    ...changing((scanner) => ({
      async status(scanId, options) {
        const status = await scanner.status(scanId, options);
        return word === '' || status.phase === 'queued'
          ? status
          : { ...status, phase: 'running', word, isKnown: false };
      },
    })),
  });
  const id = await t.submit();
  t.start();
  await t.until(async () => /state "marinating"/.test((await t.tasks.read(id)).waiting?.said ?? ''));
  word = '';
  expect((await t.ended(id)).status).toBe('completed');
});

describe('an export', () => {
  test('that fails again and again fails the scan, and not the scanner', async () => {
    await using t = await bench();
    t.simulator.fail({
      path: /^\/(?:tokens|scans\/\d+\/export)\/.*status$/,
      times: ALWAYS,
      status: 500,
      body: '{"status":"error"}',
    });
    const id = await t.submit();
    t.start();
    expect(await t.ended(id)).toMatchObject({
      status: 'failed',
      error_message: expect.stringMatching(/could not write the export/),
    });
    expect(await isOpen(t)).toBe(false);
  });

  test('of another scan is refused and begun again', async () => {
    let exports = 0;
    await using t = await bench(
      changing((scanner) => ({
        async exportResults(scanId, options) {
          exports++;
          if (exports > 2) return await scanner.exportResults(scanId, options);
          const head = `<NessusClientData_v2><Policy><policyComments>[nmcp:another]</policyComments></Policy>`;
          return new Blob([head, '<Report name="n"></Report></NessusClientData_v2>']).stream();
        },
      })),
    );
    const id = await t.submit();
    t.start();
    expect((await t.ended(id)).status).toBe('completed');
    expect(exports).toBe(3);
    expect(await readFile(t.tasks.paths(id).native, 'utf8')).not.toContain('nmcp:another');
  });

  test('that is damaged is begun again', async () => {
    let exports = 0;
    await using t = await bench(
      changing((scanner) => ({
        exportResults: async (scanId, options) =>
          ++exports > 1
            ? await scanner.exportResults(scanId, options)
            : new Blob(['<NessusClientData_v2><Report>']).stream(),
      })),
    );
    const id = await t.submit();
    t.start();
    expect((await t.ended(id)).status).toBe('completed');
    expect(exports).toBe(2);
  });

  test('is of the run that was launched, also when the next one has begun', async () => {
    await using t = await bench({ speed: 60 });
    const asked: (number | undefined)[] = [];
    const id = await t.submit();
    t.start();
    const history = await t.until(async () => (await t.tasks.read(id)).nessus_history_id);
    expect((await t.ended(id)).status).toBe('completed');
    for (const { path, query } of t.simulator.requests())
      if (path.endsWith('/export')) asked.push(Number(query.history_id));
    expect(asked).toEqual([history]);
  });
});

describe('what a scan has found until', () => {
  test('a person stopped it is stored, and marked as partial', async () => {
    let skip = 0;
    await using t = await bench({ speed: 1, clock: () => Date.now() + skip });
    t.start();
    const id = await t.submit();
    await t.until(() => t.simulator.counts().launched === 1);
    skip = 50_000; // most hosts are done, and some are not
    const scan = await t.until(() => t.simulator.scans().find(({ status }) => status === 'running'));
    const keys = { 'x-apikeys': `accessKey=${t.simulator.accessKey}; secretKey=${t.simulator.secretKey}` };
    await fetch(`${t.simulator.url}/scans/${scan.id}/stop`, { method: 'POST', headers: keys });
    const task = await t.ended(id);
    expect(task).toMatchObject({
      status: 'failed',
      error_message: expect.stringMatching(/status is canceled/),
      partial: true,
    });
    expect((await t.deadLetter()).error).toBe(task.error_message);
    expect(task.validation_stats?.hosts_scanned).toBeGreaterThan(0);
    expect(await readFile(t.tasks.paths(id).native, 'utf8')).toContain('<ReportHost');
  });

  test('its time was over, too', async () => {
    let skip = 0;
    await using t = await bench({ speed: 1, clock: () => Date.now() + skip });
    const id = await t.submit();
    t.start({ scanTimeoutMs: 5000 });
    await t.until(() => t.simulator.counts().launched === 1);
    skip = 50_000;
    expect(await t.ended(id)).toMatchObject({ status: 'timeout', partial: true });
  });
});
