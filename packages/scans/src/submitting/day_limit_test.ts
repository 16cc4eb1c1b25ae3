import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { canStopProcesses, type ScriptProcess, startProcess } from '@nmcp/test-support';
import { NmcpError, newTaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { callerOf, type Stage, stage } from '../scans_test_stage.ts';
import { DayLedger } from './day_ledger.ts';
import { hostsOfLastDay } from './day_limit.ts';

const DAY_MS = 86_400_000;
const alice = callerOf('alice', 'scan:credentials');
const cwd = new URL('../..', import.meta.url);
const policy = 'default: {max_hosts_per_day: 40}';

/** Submits sixteen addresses in a process of its own, which tells what became of them. */
function submitElsewhere(s: Stage, stopAt?: number): ScriptProcess {
  const script = `
    import { createScanPolicy, parsePolicy } from '@nmcp/policy';
    import { createTaskStore, queuedTask } from '@nmcp/tasks';
    import { newTaskId } from '@nmcp/types';
    import { withDayLimit } from ${JSON.stringify(new URL('dist/submitting/day_limit.js', cwd).href)};
    const tasks = createTaskStore({ dataDir: ${JSON.stringify(s.services.tasks.dataDir)} });
    const policy = createScanPolicy({ document: parsePolicy(${JSON.stringify(policy)}), resolve: async () => [] });
    const targets = '10.0.0.0/28';
    const task = { owner: 'alice', ...queuedTask({
      task_id: newTaskId('nessus'), trace_id: 't', scan_type: 'untrusted', scanner_type: 'nessus',
      scanner_pool: 'nessus', scanner_instance_id: null, created_at: new Date().toISOString(),
      payload: { targets, name: 'n', description: '', schema_profile: 'brief' } }) };
    const services = { tasks, policy, clock: Date.now, log: console };
    await withDayLimit(services, task, async (hostsToday) => {
      await policy.admit({ targets, pool: 'nessus', caller: 'alice', hostsToday });
      await tasks.create(task);
    }).then(() => console.log('accepted'), ({ code }) => console.log(code));`;
  return startProcess(script, { cwd, stopAt });
}

async function submitOrDenied(s: Stage, more: object = {}): Promise<boolean> {
  try {
    await s.submit(alice, more);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'policy_denied' });
    return false;
  }
}

describe.skipIf(!canStopProcesses)('the limit of a day', () => {
  test('holds for eight processes at once, which use it up', async () => {
    await using s = await stage({ policy });
    const all = Array.from({ length: 8 }, () => submitElsewhere(s));
    const told = await Promise.all(all.map(async ({ ended }) => (await ended).trim()));
    expect(told.filter((one) => one === 'accepted')).toHaveLength(2);
    expect(told.filter((one) => one === 'policy_denied')).toHaveLength(6);
    expect(await s.services.tasks.list()).toHaveLength(2);
    expect(await hostsOfLastDay(s.services, 'alice')).toBe(32n);
  });

  test('holds when a process is stopped at any of its steps, and is used up', async () => {
    let hasStopped = true;
    let steps = 0;
    for (; hasStopped; steps++) {
      await using s = await stage({ policy });
      const slow = submitElsewhere(s, steps + 1);
      hasStopped = await slow.stopped;
      let accepted = 0;
      for (let n = 0; n < 6; n++) if (await submitOrDenied(s)) accepted++;
      slow.resume();
      if ((await slow.ended).trim() === 'accepted') accepted++;
      expect(accepted).toBe(2);
      expect(await s.services.tasks.list()).toHaveLength(2);
    }
    expect(steps).toBeGreaterThan(15);
  });
});

describe('what a submission has taken of the limit', () => {
  test('is given back when it is refused, or fails', async () => {
    await using s = await stage({ policy });
    expect(await submitOrDenied(s, { targets: '8.8.8.0/27' })).toBe(false);
    const { create } = s.services.tasks;
    s.services.tasks.create = () => Promise.reject(new NmcpError('storage', 'the disk is full'));
    await expect(s.submit(alice, { targets: '10.0.0.0/27' })).rejects.toMatchObject({ code: 'storage' });
    s.services.tasks.create = create;
    expect(await hostsOfLastDay(s.services, 'alice')).toBe(0n);
    expect(await submitOrDenied(s, { targets: '10.0.0.0/27' })).toBe(true);
    expect(await submitOrDenied(s)).toBe(false);
  });

  test('is given back when its key was used for another task elsewhere', async () => {
    await using s = await stage({ policy });
    const { task } = await s.submit(callerOf('bob', 'scan'));
    s.services.queue.enqueue = async () => ({ kind: 'duplicate', taskId: task.task_id });
    const again = await s.submit(alice, { idempotency_key: 'k' });
    expect(again).toMatchObject({ outcome: 'repeat', task: { task_id: task.task_id } });
    expect(await hostsOfLastDay(s.services, 'alice')).toBe(0n);
  });

  test('and was killed before it wrote its task counts for a day', async () => {
    let now = Date.now();
    await using s = await stage({ policy, clock: () => now });
    const killed = { id: 'x', caller: 'alice', task_id: newTaskId('nessus'), addresses: '32', at: now };
    const ledger = new DayLedger(s.services.tasks, 'alice');
    await ledger.change(async () => ({ reservations: [killed], answer: undefined }));
    expect(await submitOrDenied(s)).toBe(false);
    expect((await s.submit(callerOf('bob', 'scan'))).outcome).toBe('queued');
    now += DAY_MS + 1;
    expect(await submitOrDenied(s)).toBe(true);
    expect(await ledger.read()).toMatchObject([{ caller: 'alice', addresses: '16' }]);
  });

  test('counts once with its task, and is forgotten when that has been there for a while', async () => {
    let now = Date.now();
    await using s = await stage({ policy, clock: () => now });
    await s.submit(alice);
    expect(await hostsOfLastDay(s.services, 'alice')).toBe(16n);
    now += DAY_MS / 2;
    const { task } = await s.submit(alice);
    expect(await hostsOfLastDay(s.services, 'alice')).toBe(32n);
    const left = await new DayLedger(s.services.tasks, 'alice').read();
    expect(left.map(({ task_id }) => task_id)).toEqual([task.task_id]);
    now += DAY_MS / 2 + 1;
    expect(await hostsOfLastDay(s.services, 'alice')).toBe(16n);
  });
});

test('of twenty at once with one key, one takes of the limit, and all get its task', async () => {
  await using s = await stage({ policy });
  const all = await Promise.all(
    Array.from({ length: 20 }, () => s.submit(alice, { targets: '10.0.0.0/27', idempotency_key: 'k' })),
  );
  expect(new Set(all.map(({ task }) => task.task_id)).size).toBe(1);
  expect(await hostsOfLastDay(s.services, 'alice')).toBe(32n);
});

test('where there is no limit nothing is written; a lock file of a version before keeps nobody waiting', async () => {
  await using s = await stage();
  const { dataDir } = s.services.tasks;
  await s.submit(alice);
  expect(existsSync(`${dataDir}/.day-limits`)).toBe(false);
  await using limited = await stage({ policy });
  writeFileSync(`${limited.services.tasks.dataDir}/.day-2bd806c97f0e00af.lock`, '');
  expect(await submitOrDenied(limited)).toBe(true);
  expect(readdirSync(limited.services.tasks.dataDir)).toContain('.day-limits');
  expect(await limited.services.tasks.list()).toHaveLength(1);
});
