import { CANCELED_MESSAGE, endedTask, type TaskStore } from '@nmcp/tasks';
import { DEFAULT_POOL, NmcpError, type Scanner, type Task } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { bench } from './runner_test_bench.ts';

const silent = (): NmcpError => new NmcpError('scanner_unreachable', 'There was no answer in time');
const ONCE = { created: 1, launched: 1 };

/** Changes what a scanner's calls do. */
function changing(change: (scanner: Scanner) => Partial<Scanner>): Parameters<typeof bench>[0] {
  return {
    wrap: (factory) => (config) => {
      const scanner = factory(config);
      return { ...scanner, ...change(scanner) };
    },
  };
}

describe('one scan, although', () => {
  test('the answer to its creation gets lost', async () => {
    let calls = 0;
    await using t = await bench(
      changing((scanner) => ({
        async createScan(request, options) {
          const id = await scanner.createScan(request, options);
          if (++calls === 1) throw silent();
          return id;
        },
      })),
    );
    const id = await t.submit();
    t.start();
    expect((await t.ended(id)).status).toBe('completed');
    expect([calls, t.simulator.counts()]).toMatchObject([1, ONCE]);
  });

  test('its creation takes longer than the client waits', async () => {
    await using t = await bench(
      changing((scanner) => ({
        async createScan(request) {
          setTimeout(() => void scanner.createScan(request), 60);
          throw silent();
        },
      })),
    );
    const id = await t.submit();
    t.start({ observeMs: 400 });
    expect((await t.ended(id)).status).toBe('completed');
    expect(t.simulator.counts()).toMatchObject(ONCE);
  });

  test.each([
    ['gets lost', 0],
    ['comes after the client has given up', 60],
  ])('the answer to its launch %s', async (_name, lateMs) => {
    let calls = 0;
    await using t = await bench(
      changing((scanner) => ({
        async launch(scanId) {
          calls++;
          if (lateMs > 0) setTimeout(() => void scanner.launch(scanId), lateMs);
          else await scanner.launch(scanId);
          throw silent();
        },
      })),
    );
    const id = await t.submit();
    t.start({ observeMs: 400 });
    expect((await t.ended(id)).status).toBe('completed');
    expect([calls, t.simulator.counts()]).toMatchObject([1, ONCE]);
  });

  test('a call that cannot have arrived is made again at once', async () => {
    let calls = 0;
    await using t = await bench(
      changing((scanner) => ({
        async createScan(request, options) {
          if (++calls > 1) return await scanner.createScan(request, options);
          throw new NmcpError('scanner_unreachable', 'refused', {
            cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
          });
        },
      })),
    );
    const id = await t.submit();
    const begun = performance.now();
    t.start({ observeMs: 60_000 });
    expect((await t.ended(id)).status).toBe('completed');
    expect(performance.now() - begun).toBeLessThan(30_000); // it was not looked for
    expect([calls, t.simulator.counts()]).toMatchObject([2, ONCE]);
  });

  test('its worker was stopped between the intention and the call, and another one takes over', async () => {
    await using t = await bench({ speed: 300 });
    const id = await t.submit();
    const claim = await t.queue.claim([DEFAULT_POOL], { consumer: 'stopped', leaseMs: 50 });
    await t.tasks.change(id, claim?.fence, (before) => ({
      ...before,
      status: 'running',
      started_at: new Date().toISOString(),
      scanner_instance_id: 's1',
      intent: { phase: 'creating', fence: claim?.fence ?? 0, at: new Date().toISOString() },
    }));
    t.start({ observeMs: 300 });
    // what the stopped one had sent arrives while the other one looks for it
    await t.until(async () => ((await t.tasks.read(id)).lease_fence ?? 0) > (claim?.fence ?? 0));
    const headers = {
      'x-apikeys': `accessKey=${t.simulator.accessKey}; secretKey=${t.simulator.secretKey}`,
      'content-type': 'application/json',
    };
    const templates = await (await fetch(`${t.simulator.url}/editor/scan/templates`, { headers })).json();
    const { uuid } = templates.templates.find(({ name }: { name: string }) => name === 'advanced');
    const settings = { name: 'n', text_targets: '192.0.2.0/28', description: `d [nmcp:${id}]` };
    await fetch(`${t.simulator.url}/scans`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ uuid, settings }),
    });
    expect((await t.ended(id)).status).toBe('completed');
    expect(t.simulator.counts()).toMatchObject(ONCE);
  });
});

describe('no scan, when', () => {
  const cancel = (tasks: TaskStore, id: Task['task_id']): Promise<Task> =>
    tasks.change(id, undefined, (before) => ({ ...before, cancel: { at: 'now', by: 'alice' } }));

  test('it is canceled while it is being created: what was made is removed, and never launched', async () => {
    let cancelNow = async (): Promise<void> => {};
    await using t = await bench(
      changing((scanner) => ({
        async createScan(request, options) {
          const id = await scanner.createScan(request, options);
          await cancelNow();
          return id;
        },
      })),
    );
    const id = await t.submit();
    cancelNow = async () => void (await cancel(t.tasks, id));
    t.start();
    expect(await t.ended(id)).toMatchObject({ status: 'failed', failure_reason: 'canceled' });
    expect(t.simulator.counts()).toMatchObject({ created: 1, launched: 0 });
    expect(t.simulator.scans()).toEqual([]);
    expect(await t.queue.deadLetterCount(DEFAULT_POOL)).toBe(0);
  });

  test('it has ended before its worker began it: no dead letter either', async () => {
    await using t = await bench();
    const id = await t.submit();
    await t.tasks.change(id, undefined, (before) =>
      endedTask(before, {
        status: 'failed',
        at: Date.now(),
        error_message: CANCELED_MESSAGE,
        failure_reason: 'canceled',
      }),
    );
    t.start();
    await t.until(
      async () => (await t.queue.depth(DEFAULT_POOL)) + (await t.queue.inFlight(DEFAULT_POOL)) === 0,
    );
    expect(t.simulator.counts().created).toBe(0);
    expect(await t.queue.deadLetterCount(DEFAULT_POOL)).toBe(0);
  });

  test('its lease has ended while the store is away: nothing is launched under it', async () => {
    let isAway = false;
    let launches = 0;
    await using t = await bench({
      config: { max_concurrent_scans: 1 }, // so that nobody waits for a task meanwhile
      ...changing((scanner) => ({
        async createScan(request, options) {
          const id = await scanner.createScan(request, options);
          isAway = true;
          await new Promise((resolve) => setTimeout(resolve, 250)); // longer than the lease
          return id;
        },
        async launch(scanId, options) {
          launches++;
          await scanner.launch(scanId, options);
        },
      })),
    });
    const { queue } = t;
    const renew = queue.renew.bind(queue);
    queue.renew = async (claim, leaseMs) => {
      if (isAway) throw new NmcpError('unavailable', 'Redis is away');
      return await renew(claim, leaseMs);
    };
    const claim = queue.claim.bind(queue);
    queue.claim = async (pools, options) => {
      if (isAway) throw new NmcpError('unavailable', 'Redis is away');
      return await claim(pools, options);
    };
    const id = await t.submit();
    const runner = t.start({ leaseMs: 150, observeMs: 100, slotWaitMs: 20 });
    await t.until(() => t.logged.some((line) => line.includes('the lease was lost')));
    expect(launches).toBe(0);
    isAway = false;
    expect((await t.ended(id)).status).toBe('completed');
    expect(t.simulator.counts()).toMatchObject(ONCE);
    await runner.stop();
  });
});

describe('no failure, although', () => {
  test('the scanner is away for longer than any number of tries while the results are fetched', async () => {
    let away = 30;
    await using t = await bench(
      changing((scanner) => ({
        async exportResults(scanId, options) {
          if (away-- > 0) throw silent();
          return await scanner.exportResults(scanId, options);
        },
      })),
    );
    const id = await t.submit();
    t.start();
    expect((await t.ended(id)).status).toBe('completed');
    expect(away).toBe(-1);
  });

  test('the scanner that it is for is configured only later', async () => {
    await using t = await bench({ second: 's2' });
    const pools = new Map([[DEFAULT_POOL, t.configs]]);
    t.registry.reload(new Map([[DEFAULT_POOL, t.configs.filter(({ instance_id }) => instance_id !== 's2')]]));
    const id = await t.submit({ instance: 's2' });
    t.start({ slotWaitMs: 20 });
    await t.until(() => t.logged.some((line) => line.includes('waits for the scanner to be configured')));
    expect((await t.tasks.read(id)).status).toBe('queued');
    t.registry.reload(pools);
    expect(await t.ended(id)).toMatchObject({ status: 'completed', scanner_instance_id: 's2' });
  });

  test('a disk answers with an error once', async () => {
    let failures = 1;
    const flaky = (store: TaskStore): TaskStore => {
      const saveResults: TaskStore['saveResults'] = async (id, source, options) => {
        if (failures-- > 0)
          throw new NmcpError('storage', 'scan_native.nessus cannot be written: EIO', {
            cause: Object.assign(new Error('EIO'), { code: 'EIO' }),
          });
        return await store.saveResults(id, source, options);
      };
      return new Proxy(store, {
        get(target, name) {
          if (name === 'saveResults') return saveResults;
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    };
    await using t = await bench({ tasks: flaky });
    const id = await t.submit();
    t.start({ diskWaitMs: 5 });
    expect((await t.ended(id)).status).toBe('completed');
    expect(t.simulator.counts()).toMatchObject(ONCE);
  });

  test('its leases run out again and again while its worker lives', async () => {
    let skip = 0;
    await using t = await bench({ speed: 60, queueClock: () => Date.now() + skip });
    const id = await t.submit();
    t.start({ maxAttempts: 3, leaseMs: 3000 });
    await t.until(() => t.simulator.counts().launched === 1);
    for (let times = 0; times < 6; times++) {
      const { lease_fence: before = 0 } = await t.tasks.read(id);
      skip += 4000; // as when the store was away, or the machine slept
      const now = await t.until(async () => {
        const task = await t.tasks.read(id);
        return (task.status !== 'running' || (task.lease_fence ?? 0) > before) && task;
      });
      if (now.status !== 'running') break;
    }
    expect((await t.ended(id)).status).toBe('completed');
    expect(await t.queue.deadLetterCount(DEFAULT_POOL)).toBe(0);
    expect(t.simulator.counts()).toMatchObject(ONCE);
  }, 30_000);
});
