import { createScanPolicy } from '@nmcp/policy';
import { DEFAULT_POOL, NmcpError } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { reconcile } from './mod.ts';
import { bench } from './runner_test_bench.ts';

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
