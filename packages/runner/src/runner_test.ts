import { open, readdir } from 'node:fs/promises';
import { createScanPolicy, parsePolicy } from '@nmcp/policy';
import { isVersionFile, type TaskStore } from '@nmcp/tasks';
import { DEFAULT_POOL, NmcpError, type ScanCredentials } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { bench } from './runner_test_bench.ts';

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
  const onDisk = (store: TaskStore): TaskStore => {
    const save = store.saveResults.bind(store);
    // /dev/full is the kernel's own full disk
    store.saveResults = (id, source, options) =>
      save(id, source, isFull ? { ...options, open: () => open('/dev/full', 'w') } : options);
    return store;
  };
  await using t = await bench({ tasks: onDisk });
  const id = await t.submit();
  t.start({ diskWaitMs: 5 });
  await t.until(() => t.logged.some((line) => line.includes('the disk is full')));
  expect(await t.tasks.read(id)).toMatchObject({ status: 'running' });
  // what a change of the task is about to write goes, and of the results nothing is left
  const left = async (): Promise<string[]> =>
    (await readdir(t.tasks.paths(id).folder)).filter((name) => !isVersionFile(name));
  await expect.poll(left).toEqual(['task.json']);
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
    error_message: expect.stringMatching(/needs approval, which it never got: it (touches|has)/),
  });
  expect(t.simulator.counts()).toMatchObject({ created: 0, launched: 0 });
});

test('a rule about a name is looked up again at the launch, and the silence of a name server is waited out', async () => {
  await using t = await bench();
  let asked = 0;
  const policy = createScanPolicy({
    document: parsePolicy('default:\n  deny: [secret.example]\n'),
    resolve: async (name) => {
      asked++;
      if (asked < 4) throw new NmcpError('unavailable', `${name}: no answer`);
      return ['10.0.0.7'];
    },
  });
  const id = await t.submit();
  t.start({ policy });
  expect((await t.ended(id)).status).toBe('completed');
  expect(asked).toBeGreaterThanOrEqual(4);
});

test('credentials are not launched at a name that leads elsewhere by then', async () => {
  await using t = await bench();
  const policy = createScanPolicy({ document: parsePolicy('{}'), resolve: async () => ['10.66.6.6'] });
  const id = await t.submit();
  await t.tasks.change(id, undefined, (task) => ({
    ...task,
    payload: { ...task.payload, targets: 'web.example.org' },
    credential_targets: ['10.0.0.0/24'],
  }));
  t.start({ policy });
  expect(await t.ended(id)).toMatchObject({
    status: 'failed',
    error_message: expect.stringMatching(
      /web\.example\.org.* is not one that these credentials may be used on/,
    ),
  });
  expect(t.simulator.counts().created).toBe(0);
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
  const letter = await t.deadLetter();
  expect(letter.attempts?.map(({ consumer }) => consumer)).toEqual(['a', 'b', 'c', 'w0']);
  expect(t.simulator.counts().created).toBe(0);
});

test('a scanner that keeps failing is left alone for a while, and what waits runs when it is well again', async () => {
  await using t = await bench({ config: { max_concurrent_scans: 1 } });
  t.simulator.fail({ method: 'POST', path: /^\/scans$/, status: 503, times: 8 });
  const [first, second] = [await t.submit(), await t.submit()];
  t.start();
  await t.until(async () => (await t.queue.circuits.states(['nessus:s1']))[0]?.state !== 'closed');
  expect((await t.tasks.read(second)).status).toBe('queued');
  // the one that holds the slot waits for it, and is not called failed
  expect([(await t.ended(first)).status, (await t.ended(second)).status]).toEqual(['completed', 'completed']);
  expect((await t.queue.circuits.states(['nessus:s1']))[0]?.state).toBe('closed');
  expect(t.simulator.counts()).toMatchObject({ created: 2, launched: 2 });
});
