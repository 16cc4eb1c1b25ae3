import { describe, expect, test } from 'vitest';
import { cancelScan } from './mod.ts';
import { callerOf, stage } from './scans_test_stage.ts';

const alice = callerOf('alice', 'scan');

describe('canceling a scan', () => {
  test('that waits ends it; asking again changes nothing', async () => {
    await using s = await stage();
    const { task } = await s.submit(alice);
    expect(await cancelScan(s.services, alice, task)).toMatchObject({
      outcome: 'canceled',
      task: { status: 'failed', failure_reason: 'canceled', error_message: 'Canceled on request' },
    });
    expect(await cancelScan(s.services, alice, task)).toMatchObject({ outcome: 'ended' });
    expect(await s.services.queue.depth(task.scanner_pool)).toBe(0);
    expect((await s.audited()).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['scan.submit', undefined],
      ['scan.cancel', 'canceled'],
      ['scan.cancel', 'ended'],
    ]);
  });

  test('that runs asks its worker, in the task itself; that a worker has only claimed ends it', async () => {
    await using s = await stage();
    const { task } = await s.submit(alice);
    const claim = await s.services.queue.claim([task.scanner_pool], { consumer: 'w', leaseMs: 60_000 });
    await s.services.tasks.change(task.task_id, claim?.fence, (before) => ({
      ...before,
      status: 'running',
      started_at: new Date().toISOString(),
    }));
    for (let i = 0; i < 2; i++)
      expect(await cancelScan(s.services, alice, task)).toMatchObject({
        outcome: 'requested',
        task: { status: 'running', cancel: { by: 'alice', at: expect.any(String) } },
      });
    const { task: claimed } = await s.submit(alice);
    await s.services.queue.claim([task.scanner_pool], { consumer: 'w', leaseMs: 60_000 });
    expect((await cancelScan(s.services, alice, claimed)).outcome).toBe('canceled');
  });

  test("of another caller's is not found", async () => {
    await using s = await stage();
    const { task } = await s.submit(alice);
    await expect(cancelScan(s.services, callerOf('bob', 'scan'), task)).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await s.services.tasks.read(task.task_id)).status).toBe('queued');
  });
});
