import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { callerOf, stage } from '../scans_test_stage.ts';

const alice = callerOf('alice', 'scan:credentials');
const bob = callerOf('bob', 'scan:credentials', ['nessus']);

describe('submitting a scan', () => {
  test('writes the task, queues it, notes it, and says where it stands, and why it only waits', async () => {
    await using s = await stage();
    const { task, ...rest } = await s.submit(alice);
    expect(task).toMatchObject({ status: 'queued', owner: 'alice', scan_type: 'untrusted' });
    expect(rest).toEqual({
      outcome: 'queued',
      scanner_instance: 's1',
      scanner_url: 'http://127.0.0.1:9',
      queue_position: 1,
      estimated_wait_minutes: null,
      waits: [
        expect.stringMatching(/^No worker has been seen that takes tasks of the pool nessus\. Start one: /),
        expect.stringMatching(/^The scanner s1 does not answer: .*127\.0\.0\.1:9/),
      ],
    });
    expect(await s.services.queue.taskIds(task.scanner_pool)).toEqual(new Set([task.task_id]));
    expect(await s.audited()).toMatchObject([
      { action: 'scan.submit', caller: 'alice', decision: 'allowed', task_id: task.task_id },
    ]);
  });

  test('notes which names it looked up, and when', async () => {
    await using s = await stage({ policy: 'default:\n  deny: [secret.example]\n  allow: [10.0.0.0/8]\n' });
    await s.submit(alice, { targets: '10.0.0.1' });
    await expect(s.submit(alice, { targets: 'other.example' })).rejects.toMatchObject({
      code: 'policy_denied',
    });
    const looked_up = expect.stringMatching(/^secret\.example = 10\.9\.9\.9 at \d{4}-/);
    const reason = expect.stringMatching(/default\.deny: secret\.example \(10\.9\.9\.9, looked up at \d{4}-/);
    expect(await s.audited()).toMatchObject([
      { decision: 'allowed', looked_up },
      { decision: 'denied', reason },
    ]);
  });

  test('a repeat with the same key answers the first task; another request under it is a conflict', async () => {
    await using s = await stage();
    const first = await s.submit(alice, { idempotency_key: 'k' });
    const again = await s.submit(alice, { idempotency_key: 'k' });
    expect(again).toMatchObject({ outcome: 'repeat', task: { task_id: first.task.task_id } });
    await expect(s.submit(alice, { idempotency_key: 'k', name: 'other' })).rejects.toMatchObject({
      code: 'conflict',
    });
    // keys of other callers are their own
    expect((await s.submit(bob, { idempotency_key: 'k' })).outcome).toBe('queued');
    expect(await s.services.tasks.list()).toHaveLength(2);
  });

  test('of twenty at once with one key, one makes the task', async () => {
    await using s = await stage();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => s.submit(alice, { idempotency_key: 'k' })),
    );
    expect(new Set(all.map(({ task }) => task.task_id)).size).toBe(1);
    expect(await s.services.tasks.list()).toHaveLength(1);
  });

  test('what the policy refuses leaves nothing but a line in the audit log', async () => {
    await using s = await stage();
    await expect(s.submit(alice, { targets: '8.8.8.8' })).rejects.toMatchObject({ code: 'policy_denied' });
    expect(await s.services.tasks.list()).toEqual([]);
    expect(await s.audited()).toMatchObject([
      { action: 'scan.submit', caller: 'alice', decision: 'denied', targets: '8.8.8.8' },
    ]);
  });

  test('a pool that the caller may not use is not found, as one that there is not', async () => {
    await using s = await stage({ pools: ['nessus', 'nessus_dmz'] });
    for (const scanner_pool of ['nessus_dmz', 'nowhere'])
      await expect(s.submit(bob, { scanner_pool })).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringMatching(/was not found; the pools are nessus$/),
      });
  });

  test('credentials are sealed before they touch a file, and stand in no queue', async () => {
    await using s = await stage();
    const { task } = await s.submitWithLogin(alice);
    const text = await readFile(s.services.tasks.paths(task.task_id).task, 'utf8');
    expect(text).not.toContain('planted');
    expect(task.payload.credentials).toEqual({ sealed: expect.stringMatching(/^v1\./) });
    expect(JSON.stringify(await s.services.queue.peek(task.scanner_pool, 1))).not.toContain('sealed');
  });

  test('the limit of a day holds for submissions at the same time', async () => {
    await using s = await stage({ policy: 'default: {max_hosts_per_day: 40}' });
    const all = await Promise.allSettled([s.submit(alice), s.submit(alice), s.submit(alice)]);
    expect(all.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect((await s.submit(bob)).outcome).toBe('queued');
  });
});
