import { open, readdir, writeFile } from 'node:fs/promises';
import { createScanPolicy, parsePolicy } from '@nmcp/policy';
import { cancelTask, reconcile, type TaskStore } from '@nmcp/tasks';
import { DEFAULT_POOL, NmcpError, type ScanCredentials, type Task, type TaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { type Bench, type BenchOptions, bench } from './runner_test_bench.ts';

const SSH = (password: string, username = 'root'): ScanCredentials => ({
  type: 'ssh',
  auth_method: 'password',
  username,
  password,
  elevate_privileges_with: 'Nothing',
});

describe('a scan', () => {
  test('goes from the queue to its results', async () => {
    await using t = await bench();
    const id = await t.submit();
    t.start();
    const task = await t.ended(id);
    expect(task).toMatchObject({
      status: 'completed',
      scanner_instance_id: 's1',
      progress: 100,
      authentication_status: 'not_applicable',
      attempts: 1,
    });
    expect(task.validation_stats?.hosts_scanned).toBeGreaterThan(5);
    expect(t.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
    expect(await t.queue.depth(DEFAULT_POOL)).toBe(0);
    expect((await t.queue.slots.usage(['nessus:s1']))[0]?.active).toBe(0);
    const scrape = await t.metrics.expose();
    expect(scrape).toContain('nessus_scans_total{scan_type="untrusted",status="completed"} 1');
    expect(scrape).toContain('nessus_validation_total{pool="nessus",result="success"} 1');
    expect(scrape).toContain('nessus_task_duration_seconds_count 1');
  });

  test('with credentials says per scan whether they worked, and keeps no password', async () => {
    await using t = await bench();
    t.start();
    const [good, bad] = [
      await t.submit({ credentials: SSH('sesame-123') }),
      await t.submit({ credentials: SSH('wrong') }),
    ];
    expect((await t.ended(good)).authentication_status).toBe('partial'); // not every host speaks SSH
    const task = await t.ended(bad);
    expect(task).toMatchObject({ status: 'completed', authentication_status: 'failed' });
    expect(task.payload.credentials).toBeUndefined();
    expect(t.logged.join()).not.toContain('sesame-123');
    expect(await t.metrics.expose()).toContain(
      'nessus_auth_failures_total{pool="nessus",scan_type="authenticated"} 1',
    );
  });

  test('more than there are slots wait for one', async () => {
    await using t = await bench({ speed: 300 });
    const ids = [await t.submit(), await t.submit(), await t.submit(), await t.submit()];
    t.start();
    let most = 0;
    await t.until(async () => {
      most = Math.max(most, t.simulator.scans().filter(({ status }) => status === 'running').length);
      return (await Promise.all(ids.map((id) => t.tasks.read(id)))).every(
        ({ status }) => status === 'completed',
      );
    });
    expect(most).toBe(2);
    expect(t.simulator.counts().created).toBe(4);
  });
});

test('a disk that is full while results are written ends no task: it waits until there is room', async () => {
  let isFull = true;
  const onDisk = (store: TaskStore): TaskStore => ({
    dataDir: store.dataDir,
    paths: (id) => store.paths(id),
    create: (task) => store.create(task),
    read: (id) => store.read(id),
    change: (id, fence, change) => store.change(id, fence, change),
    // /dev/full is the kernel's own full disk
    saveResults: (id, source) =>
      store.saveResults(id, source, isFull ? { open: () => open('/dev/full', 'w') } : {}),
    importResults: (id, source, describe) => store.importResults(id, source, describe),
    list: (filter) => store.list(filter),
    remove: (id) => store.remove(id),
  });
  await using t = await bench({ tasks: onDisk });
  const id = await t.submit();
  t.start({ diskWaitMs: 5 });
  await t.until(() => t.logged.some((line) => line.includes('the disk is full')));
  expect(await t.tasks.read(id)).toMatchObject({ status: 'running' });
  expect(await readdir(t.tasks.paths(id).folder)).toEqual(['task.json']);
  isFull = false;
  expect(await t.ended(id)).toMatchObject({ status: 'completed' });
  expect(t.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
});

test('two workers of one name run every scan once', async () => {
  await using t = await bench({ speed: 1000, config: { max_concurrent_scans: 4 } });
  const ids = await Promise.all(Array.from({ length: 8 }, () => t.submit()));
  t.start({ consumer: 'same' });
  t.start({ consumer: 'same' });
  for (const id of ids) expect((await t.ended(id)).status).toBe('completed');
  expect(t.simulator.counts()).toMatchObject({ created: 8, launched: 8 });
});

test('tasks that wait for a busy scanner hold up no other scanner', async () => {
  await using t = await bench({ speed: 10, config: { max_concurrent_scans: 1 }, second: 's2' });
  for (let i = 0; i < 4; i++) await t.submit({ instance: 's1' });
  const last = await t.submit({ instance: 's2' });
  t.start();
  await t.until(async () => (await t.tasks.read(last)).status === 'running');
  expect(t.simulator.counts().created).toBeLessThanOrEqual(2);
});

describe('a worker that stops', () => {
  test('while a scan is created waits for the answer, so that nothing has to be looked for', async () => {
    await using t = await bench({ speed: 60 });
    const id = await t.submit();
    t.simulator.fail({ method: 'POST', path: /^\/scans$/, delayMs: 300 });
    const runner = t.start();
    await t.until(() => t.simulator.requests().some(({ path }) => path === '/editor/scan/templates'));
    expect(await runner.stop()).toBe(0);
    expect((await t.tasks.read(id)).nessus_scan_id).not.toBeNull();
    expect(await t.queue.depth(DEFAULT_POOL)).toBe(1);
  });

  test('is done when its grace time is over, whatever holds it up', async () => {
    await using t = await bench({ speed: 60 });
    await t.submit();
    t.simulator.fail({ method: 'POST', path: /^\/scans$/, delayMs: 2000 });
    const runner = t.start();
    await t.until(() => t.simulator.requests().some(({ path }) => path === '/editor/scan/templates'));
    const begun = performance.now();
    expect(await runner.stop(50)).toBe(1);
    expect(performance.now() - begun).toBeLessThan(1500);
  });

  test('gives its scan back, and the next one goes on with the same scan', async () => {
    await using t = await bench({ speed: 60 });
    const id = await t.submit();
    const first = t.start();
    await t.until(
      async () => (await t.tasks.read(id)).nessus_scan_id !== null && t.simulator.counts().launched === 1,
    );
    await first.stop();
    expect((await t.tasks.read(id)).status).toBe('running');
    expect(await t.queue.depth(DEFAULT_POOL)).toBe(1);
    expect((await t.queue.slots.usage(['nessus:s1']))[0]?.active).toBe(0);
    t.start();
    expect((await t.ended(id)).status).toBe('completed');
    expect(t.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
  });

  test('between creating a scan and writing that down does not make a second one', async () => {
    let isFirst = true;
    await using t = await bench({
      wrap: (factory) => (config) => {
        const scanner = factory(config);
        return {
          ...scanner,
          async createScan(request) {
            const id = await scanner.createScan(request);
            if (!isFirst) return id;
            isFirst = false;
            throw new NmcpError('unavailable', 'the process dies here');
          },
        };
      },
    });
    const id = await t.submit();
    t.start();
    expect((await t.ended(id)).status).toBe('completed');
    expect(t.simulator.counts().created).toBe(1);
  });

  test.each([
    ['the process dies', 'unavailable'],
    ['the scanner does not answer', 'scanner_unreachable'],
  ] as const)(
    'between creating and launching a scan, as %s: the policy is asked anew',
    async (_name, code) => {
      const policy = createScanPolicy({ resolve: async () => [] });
      await using t = await bench({
        wrap: (factory) => (config) => {
          const scanner = factory(config);
          let isFirst = true;
          return {
            ...scanner,
            async launch(scanId, options) {
              if (!isFirst) return await scanner.launch(scanId, options);
              isFirst = false;
              policy.reload({ default: { deny: ['192.0.2.8/32'] } });
              throw new NmcpError(code, 'no answer');
            },
          };
        },
      });
      const id = await t.submit();
      t.start({ policy });
      expect(await t.ended(id)).toMatchObject({
        status: 'failed',
        failure_reason: 'policy_denied',
        error_message: expect.stringContaining('default.deny: 192.0.2.8/32'),
      });
      expect(t.simulator.counts()).toMatchObject({ created: 1, launched: 0 });
      expect(t.simulator.requests()).toContainEqual(
        expect.objectContaining({ method: 'DELETE', path: expect.stringMatching(/^\/scans\/\d+$/) }),
      );
    },
  );

  test('silently, and loses its lease, lets the task be', async () => {
    await using t = await bench({ speed: 10 });
    const id = await t.submit();
    t.start({ leaseMs: 60 });
    const { lease_fence = 0 } = await t.until(async () => {
      const task = await t.tasks.read(id);
      return task.nessus_scan_id !== null && task;
    });
    // what another worker's claim does to this one
    const entry = {
      task_id: id,
      trace_id: '',
      scan_type: 'untrusted' as const,
      scanner_pool: DEFAULT_POOL,
      payload: {},
    };
    await t.queue.complete({ entry, pool: DEFAULT_POOL, fence: lease_fence, attempts: [], consumer: 'w0' });
    await t.until(() => t.logged.some((line) => line.includes('the lease was lost')));
    expect((await t.tasks.read(id)).status).toBe('running');
    expect(await t.queue.deadLetterCount(DEFAULT_POOL)).toBe(0);
  });
});

test.each([
  ['by its addresses', 'approval: {targets: [192.0.2.0/24]}'],
  ['by its size', 'approval: {hosts_above: 8}'],
])('a scan that needs a yes %s and came past the question is not launched', async (_name, rule) => {
  await using t = await bench();
  const policy = createScanPolicy({
    document: parsePolicy(`default:\n  ${rule}\n`),
    resolve: async () => [],
  });
  const id = await t.submit();
  t.start({ policy });
  expect(await t.ended(id)).toMatchObject({
    status: 'failed',
    error_message: expect.stringMatching(/needs a person's yes, since it (touches|has)/),
  });
  expect(t.simulator.counts()).toMatchObject({ created: 0, launched: 0 });
});

describe('a canceled task', () => {
  const cancel = (t: Bench, id: TaskId): ReturnType<typeof cancelTask> =>
    cancelTask({ tasks: t.tasks, queue: t.queue, clock: Date.now }, id);

  test('that waits never runs', async () => {
    await using t = await bench();
    const id = await t.submit();
    expect(await cancel(t, id)).toMatchObject({
      kind: 'canceled',
      task: { status: 'failed', failure_reason: 'canceled' },
    });
    expect(await cancel(t, id)).toMatchObject({ kind: 'ended' });
    const next = await t.submit();
    t.start();
    expect((await t.ended(next)).status).toBe('completed');
    expect(t.simulator.counts().created).toBe(1);
  });

  test('that runs is stopped on the scanner, and is no dead letter', async () => {
    await using t = await bench({ speed: 1 });
    const id = await t.submit();
    t.start();
    await t.until(() => t.simulator.counts().launched === 1);
    expect(await cancel(t, id)).toMatchObject({ kind: 'requested' });
    expect(await t.ended(id)).toMatchObject({
      status: 'failed',
      failure_reason: 'canceled',
      error_message: 'Canceled on request',
    });
    expect(t.simulator.scans().map(({ status }) => status)).toEqual(['canceled']);
    expect(await t.queue.deadLetterCount(DEFAULT_POOL)).toBe(0);
  });

  test('whose worker is gone is stopped by the next one', async () => {
    await using t = await bench({ speed: 1 });
    const id = await t.submit();
    const first = t.start();
    await t.until(
      async () => (await t.tasks.read(id)).nessus_scan_id !== null && t.simulator.counts().launched === 1,
    );
    await first.stop();
    const claim = await t.queue.claim([DEFAULT_POOL], { consumer: 'dead', leaseMs: 50 });
    expect(claim?.entry.task_id).toBe(id);
    expect(await cancel(t, id)).toMatchObject({ kind: 'requested' });
    t.start();
    expect(await t.ended(id)).toMatchObject({ status: 'failed', failure_reason: 'canceled' });
    expect(t.simulator.scans().map(({ status }) => status)).toEqual(['canceled']);
  });
});

test('a task that ends every worker that takes it goes to the dead letters with all attempts', async () => {
  await using t = await bench();
  const id = await t.submit();
  for (const consumer of ['a', 'b', 'c']) {
    await t.queue.claim([DEFAULT_POOL], { consumer, leaseMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  t.start({ maxAttempts: 3 });
  expect(await t.ended(id)).toMatchObject({
    status: 'failed',
    error_message: expect.stringContaining('Given up after 3 attempts'),
  });
  const [letter] = await t.until(async () => {
    const letters = await t.queue.deadLetters(DEFAULT_POOL, 1);
    return letters.length > 0 && letters;
  });
  expect(letter?.attempts?.map(({ consumer }) => consumer)).toEqual(['a', 'b', 'c', 'w0']);
  expect(t.simulator.counts().created).toBe(0);
});

test('a scanner that keeps failing is left alone for a while, and what waits runs when it is well again', async () => {
  await using t = await bench({ config: { max_concurrent_scans: 1 } });
  t.simulator.fail({ method: 'GET', path: /^\/scans$/, status: 503, times: 3 });
  const [first, second] = [await t.submit(), await t.submit()];
  t.start();
  expect(await t.ended(first)).toMatchObject({ status: 'failed', failure_reason: 'scanner_unreachable' });
  expect((await t.queue.circuits.states(['nessus:s1']))[0]?.state).not.toBe('closed');
  expect((await t.tasks.read(second)).status).toBe('queued');
  expect((await t.ended(second)).status).toBe('completed');
  expect((await t.queue.circuits.states(['nessus:s1']))[0]?.state).toBe('closed');
});

test('a queue that was wiped is filled again from the task directories, and no scan runs twice', async () => {
  await using t = await bench({ speed: 60 });
  const running = await t.submit();
  const first = t.start();
  await t.until(
    async () => (await t.tasks.read(running)).nessus_scan_id !== null && t.simulator.counts().launched === 1,
  );
  await first.stop();
  const waiting = await t.submit();
  for (
    let claim = await t.queue.claim([DEFAULT_POOL], { consumer: 'x', leaseMs: 1000 });
    claim;
    claim = await t.queue.claim([DEFAULT_POOL], { consumer: 'x', leaseMs: 1000 })
  )
    await t.queue.complete(claim);
  expect(await reconcile({ tasks: t.tasks, queue: t.queue, clock: Date.now })).toMatchObject({
    requeued: [],
    adopted: [],
  }); // too young to be sure
  const later = { tasks: t.tasks, queue: t.queue, clock: () => Date.now() + 61_000 };
  expect(await reconcile({ ...later, dryRun: true })).toMatchObject({
    requeued: [waiting],
    adopted: [running],
  });
  expect(await reconcile(later)).toMatchObject({ requeued: [waiting], adopted: [running] });
  expect(await reconcile(later)).toMatchObject({ requeued: [], adopted: [] });
  t.start();
  expect([(await t.ended(running)).status, (await t.ended(waiting)).status]).toEqual([
    'completed',
    'completed',
  ]);
  expect(t.simulator.counts()).toMatchObject({ created: 2, launched: 2 });
});

describe('what goes wrong is told', () => {
  async function failure(t: Bench, id: TaskId): Promise<{ task: Task; dead: string | undefined }> {
    const task = await t.ended(id);
    const [letter] = await t.until(async () => {
      const letters = await t.queue.deadLetters(DEFAULT_POOL, 1);
      return letters.length > 0 && letters;
    });
    return { task, dead: letter?.error };
  }

  test.each<[string, BenchOptions, RegExp]>([
    [
      'a wrong password of the scanner',
      { config: { auth: { username: 'admin', password: 'sesame-123' } } },
      /refused the credentials/,
    ],
    [
      'a scanner that is not there',
      { config: { url: 'http://127.0.0.1:48' } },
      /127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/,
    ],
    ['a licence without the scan API', { licence: 'essentials' }, /licence has no scan API/],
    ['more targets than the licence allows', { maxTargets: 4 }, /16 targets and the license allows 4/],
  ])('%s', async (_name, options, why) => {
    await using t = await bench(options);
    const id = await t.submit();
    t.start();
    const { task, dead } = await failure(t, id);
    expect(task.status).toBe('failed');
    expect(task.error_message).toMatch(why);
    expect(dead).toBe(task.error_message);
    expect(JSON.stringify([task, dead, t.logged])).not.toContain('sesame-123');
  });

  test('a scan that a person stops, or deletes', async () => {
    await using t = await bench({ speed: 10 });
    t.start();
    const id = await t.submit();
    const scan = await t.until(() => t.simulator.scans().find(({ status }) => status === 'running'));
    const keys = { 'x-apikeys': `accessKey=${t.simulator.accessKey}; secretKey=${t.simulator.secretKey}` };
    await fetch(`${t.simulator.url}/scans/${scan.id}/stop`, { method: 'POST', headers: keys });
    expect((await failure(t, id)).task.error_message).toMatch(/its status is canceled/);
  });

  test('a scan that takes longer than it may is stopped', async () => {
    await using t = await bench({ speed: 1 });
    const id = await t.submit();
    t.start({ scanTimeoutMs: 200 });
    const task = await t.ended(id);
    expect(task).toMatchObject({
      status: 'timeout',
      error_message: expect.stringMatching(/longer than .* hours and was stopped/),
    });
    expect(t.simulator.scans()[0]?.status).toBe('canceled');
  });

  test('a task.json that is cut in half', async () => {
    await using t = await bench();
    const id = await t.submit();
    await writeFile(t.tasks.paths(id).task, '{"task_id":');
    t.start();
    const [letter] = await t.until(async () => {
      const letters = await t.queue.deadLetters(DEFAULT_POOL, 1);
      return letters.length > 0 && letters;
    });
    expect(letter).toMatchObject({ id, error: expect.stringMatching(/task\.json of .* is damaged/) });
    expect(await t.queue.inFlight(DEFAULT_POOL)).toBe(0);
    expect(t.simulator.counts().created).toBe(0);
  });

  test('an export that is no document', async () => {
    await using t = await bench({
      wrap: (factory) => (config) => ({
        ...factory(config),
        exportResults: async () => new Blob(['<NessusClientData_v2><Report>']).stream(),
      }),
    });
    const id = await t.submit();
    t.start();
    expect((await failure(t, id)).task.error_message).toMatch(/export is damaged: The document ends early/);
  });

  test('a task whose directory is gone', async () => {
    await using t = await bench();
    const id = await t.submit();
    await t.tasks.remove(id);
    t.start();
    const [letter] = await t.until(async () => {
      const letters = await t.queue.deadLetters(DEFAULT_POOL, 1);
      return letters.length > 0 && letters;
    });
    expect(letter).toMatchObject({ id, error: expect.stringContaining('was not found') });
  });

  test('a scanner that hiccups does not end a scan', async () => {
    await using t = await bench({ speed: 300 });
    const id = await t.submit();
    t.simulator.fail({ method: 'GET', path: /^\/scans\/\d+$/, status: 503, times: 2 });
    t.simulator.fail({ method: 'POST', path: /export/, status: 429, times: 2 });
    t.start();
    expect((await t.ended(id)).status).toBe('completed');
  });
});
