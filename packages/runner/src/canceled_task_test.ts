import { DEFAULT_POOL, type Task, type TaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { type Bench, bench } from './runner_test_bench.ts';

describe('a canceled task', () => {
  const cancel = (t: Bench, id: TaskId): Promise<Task> =>
    t.tasks.change(id, undefined, (before) => ({ ...before, cancel: { at: 'now', by: 'alice' } }));

  test('that waits never runs', async () => {
    await using t = await bench();
    const id = await t.submit();
    await cancel(t, id);
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
    await cancel(t, id);
    expect(await t.ended(id)).toMatchObject({
      status: 'failed',
      failure_reason: 'canceled',
      error_message: 'Canceled on request',
    });
    expect(t.simulator.scans().map(({ status }) => status)).toEqual(['canceled']);
    expect(await t.queue.deadLetterCount(DEFAULT_POOL)).toBe(0);
  });

  test.each([
    ['created', /templates/, { created: 0, launched: 0 }],
    ['launched', /^\/scans\/\d+$/, { created: 1, launched: 0 }],
  ])(
    'just before its scan is %s is not, whatever the scanner is asked first',
    async (_what, path, counts) => {
      await using t = await bench();
      const id = await t.submit();
      t.simulator.fail({ method: 'GET', path, delayMs: 600 });
      t.start();
      const intends = { created: 'creating', launched: 'launching' }[_what];
      await t.until(async () => (await t.tasks.read(id)).intent?.phase === intends);
      await cancel(t, id);
      expect(await t.ended(id)).toMatchObject({ status: 'failed', failure_reason: 'canceled' });
      expect(t.simulator.counts()).toMatchObject(counts);
      expect(t.simulator.scans()).toEqual([]);
    },
  );

  test.each([
    ['is away', { reset: true }],
    ['answers too late', { reset: 'afterwards' as const }],
  ])(
    'before its launch is canceled also when the scanner %s while its scan is removed',
    async (_what, fault) => {
      await using t = await bench();
      const id = await t.submit();
      t.simulator.fail({ method: 'GET', path: /^\/scans\/\d+$/, delayMs: 600 });
      t.simulator.fail({ method: 'DELETE', path: /^\/scans\/\d+$/, ...fault });
      t.start();
      await t.until(async () => (await t.tasks.read(id)).intent?.phase === 'launching');
      await cancel(t, id);
      expect(await t.ended(id)).toMatchObject({ status: 'failed', failure_reason: 'canceled' });
      expect(t.simulator.counts().launched).toBe(0);
      expect(t.simulator.scans()).toEqual([]);
    },
  );

  test('whose session has to be opened anew before its creation is not created', async () => {
    await using t = await bench();
    const id = await t.submit();
    t.simulator.fail({ method: 'POST', path: /^\/scans$/, expireSessions: true });
    t.simulator.fail({ method: 'POST', path: /^\/session$/, skip: 1, delayMs: 600 });
    t.start();
    // the first attempt was refused, since the session had ended
    await t.until(() =>
      t.simulator.requests().some(({ path, status }) => path === '/scans' && status === 401),
    );
    await cancel(t, id);
    expect(await t.ended(id)).toMatchObject({ status: 'failed', failure_reason: 'canceled' });
    expect(t.simulator.counts()).toMatchObject({ created: 0 });
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
    await cancel(t, id);
    t.start();
    expect(await t.ended(id)).toMatchObject({ status: 'failed', failure_reason: 'canceled' });
    expect(t.simulator.scans().map(({ status }) => status)).toEqual(['canceled']);
  });

  test('whose worker was killed when it had removed the scan is canceled all the same', async () => {
    await using t = await bench();
    const id = await t.submit();
    await t.queue.claim([DEFAULT_POOL], { consumer: 'dead', leaseMs: 50 });
    await t.tasks.change(id, 1, (before) => ({
      ...before,
      status: 'running',
      started_at: before.created_at,
      completed_at: null,
      nessus_scan_id: 4711,
      scanner_instance_id: 's1',
    }));
    await cancel(t, id);
    t.start();
    expect(await t.ended(id)).toMatchObject({ status: 'failed', failure_reason: 'canceled' });
    expect(await t.queue.deadLetterCount(DEFAULT_POOL)).toBe(0);
  });
});
