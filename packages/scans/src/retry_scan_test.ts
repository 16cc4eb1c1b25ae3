import { endedTask } from '@nmcp/tasks';
import type { Task } from '@nmcp/types';
import { isSealed } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { getDeadLetter, listDeadLetters, retryDeadLetter, retryScan } from './mod.ts';
import { callerOf, type Stage, stage } from './scans_test_stage.ts';

const alice = callerOf('alice', 'scan:credentials');
const root = callerOf('root', 'admin');

/** A task that a worker gave up, whatever its credentials became. */
async function failed(s: Stage, task: Task, keepCredentials = false): Promise<void> {
  const claim = await s.services.queue.claim([task.scanner_pool], { consumer: 'w', leaseMs: 60_000 });
  if (!claim) throw new Error('nothing to claim');
  await s.services.tasks.change(task.task_id, claim.fence, (before) => {
    const ended = endedTask(before, { status: 'failed', at: Date.now(), error_message: 'gone' });
    return keepCredentials ? { ...ended, payload: before.payload } : ended;
  });
  await s.services.queue.fail(claim, 'gone');
}

describe('running a scan again', () => {
  test('makes a new task of the same owner, and takes the dead letter away', async () => {
    await using s = await stage();
    const { task } = await s.submit(alice);
    await failed(s, task);
    expect(await listDeadLetters(s.services, root, { limit: 10 })).toMatchObject([{ id: task.task_id }]);
    const fresh = await retryDeadLetter(s.services, root, { pool: task.scanner_pool, id: task.task_id });
    expect(fresh).toMatchObject({ status: 'queued', owner: 'alice', retry_of: task.task_id });
    expect(await listDeadLetters(s.services, root, { limit: 10 })).toEqual([]);
    expect(await s.services.queue.taskIds(task.scanner_pool)).toEqual(new Set([fresh.task_id]));
    expect((await s.audited()).at(-1)).toMatchObject({
      action: 'scan.retry',
      caller: 'root',
      retry_of: task.task_id,
    });
  });

  test('asks the policy anew', async () => {
    await using s = await stage({ policy: 'default: {max_hosts_per_day: 20}' });
    const { task } = await s.submit(alice);
    await failed(s, task);
    await expect(retryScan(s.services, alice, task)).rejects.toMatchObject({ code: 'policy_denied' });
    expect(await listDeadLetters(s.services, root, { limit: 10 })).toHaveLength(1);
  });

  test('seals kept credentials to the new task, and says when they are gone', async () => {
    await using s = await stage();
    const { task } = await s.submitWithLogin(alice);
    await failed(s, task, true);
    await expect(retryScan(s.services, callerOf('alice', 'scan'), task)).rejects.toThrow(/scan:credentials/);
    const fresh = await retryScan(s.services, alice, task);
    const { credentials } = fresh.payload;
    if (!credentials || !isSealed(credentials)) throw new Error('they are not sealed');
    expect(await s.services.vault.open(fresh.task_id, credentials)).toMatchObject({ password: 'planted' });

    const { task: other } = await s.submitWithLogin(alice);
    await s.services.queue.remove(fresh.scanner_pool, fresh.task_id);
    await failed(s, other);
    await expect(retryScan(s.services, alice, other)).rejects.toThrow(/credentials of the task were removed/);
  });

  test('is for what has failed', async () => {
    await using s = await stage({ pools: ['nessus', 'nessus_dmz'] });
    const { task } = await s.submit(alice);
    await expect(retryScan(s.services, alice, task)).rejects.toMatchObject({ code: 'not_ready' });
    const id = 'ne_scan_20251201_143022_a1b2c3d4';
    await expect(getDeadLetter(s.services, root, { pool: task.scanner_pool, id })).rejects.toThrow(
      `The pool nessus has no dead letter "${id}"`,
    );
    const limited = callerOf('ann', 'admin', ['nessus_dmz']);
    await expect(
      listDeadLetters(s.services, limited, { pool: task.scanner_pool, limit: 1 }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  test('asked for three times at once makes one task, and once more while it runs, none', async () => {
    await using s = await stage();
    const { task } = await s.submit(alice);
    await failed(s, task);
    const all = await Promise.all(Array.from({ length: 3 }, () => retryScan(s.services, alice, task)));
    const ids = new Set(all.map(({ task_id }) => task_id));
    expect(ids.size).toBe(1);
    expect((await retryScan(s.services, alice, task)).task_id).toBe([...ids][0]);
    expect(await s.services.tasks.list()).toHaveLength(2);
    const [fresh = task] = all;
    await failed(s, fresh);
    expect(ids.has((await retryScan(s.services, alice, task)).task_id)).toBe(false);
  });
});
