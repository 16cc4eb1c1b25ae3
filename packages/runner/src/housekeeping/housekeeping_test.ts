import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { queuedTask } from '@nmcp/tasks';
import { DEFAULT_POOL, newTaskId, type PoolName, type Task, type TaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import {
  createHousekeeper,
  type HousekeepingReport,
  type HousekeepingRules,
  runHousekeeping,
} from '../mod.ts';
import { type Bench, bench } from '../runner_test_bench.ts';

const HOUR = 3_600_000;
const RULES: HousekeepingRules = {
  completedTtlMs: 7 * 24 * HOUR,
  failedTtlMs: 30 * 24 * HOUR,
  staleMs: 24 * HOUR,
  deleteStale: true,
  scanRetentionMs: 24 * HOUR,
};

/** Runs the housekeeping so many hours from now. */
function keep(t: Bench, hours: number, more: object = {}): Promise<HousekeepingReport> {
  return runHousekeeping({ ...t, clock: () => Date.now() + hours * HOUR, rules: RULES, ...more });
}

async function finished(t: Bench): Promise<Task> {
  const id = await t.submit();
  const runner = t.start();
  const task = await t.ended(id);
  await runner.stop();
  return task;
}

/** A running task that no worker holds, with a scan on the scanner. */
async function abandoned(t: Bench): Promise<TaskId> {
  const id = await t.submit();
  const runner = t.start({ pollMs: 50_000 });
  await t.until(() => t.simulator.counts().launched === 1);
  await t.until(async () => (await t.tasks.read(id)).nessus_scan_id !== null);
  await runner.stop();
  return id;
}

describe('a scan on a scanner', () => {
  test('is deleted a day after the end of its task, which keeps its results', async () => {
    await using t = await bench();
    const { task_id, nessus_scan_id } = await finished(t);
    expect(await keep(t, 23)).toMatchObject({ scans: [], problems: [] });
    expect(await keep(t, 25, { dryRun: true })).toMatchObject({
      scans: [{ scanner: 'nessus:s1', nessus_scan_id, task_id }],
    });
    expect(t.simulator.scans()).toHaveLength(1);
    expect(await keep(t, 25)).toMatchObject({ scans: [{ nessus_scan_id, task_id }], expired: [] });
    expect(t.simulator.scans()).toHaveLength(0);
    expect((await t.tasks.read(task_id)).status).toBe('completed');
    expect(await keep(t, 26)).toMatchObject({ scans: [], problems: [] });
  });

  test('is deleted too when it was never launched', async () => {
    await using t = await bench();
    const done = await finished(t);
    const keys = { 'x-apikeys': `accessKey=${t.simulator.accessKey}; secretKey=${t.simulator.secretKey}` };
    const uuid = 'ad629e16-03b6-8c1d-cef6-ef8c9dd3c658d24bd260ef5f9e66';
    const task_id = newTaskId('nessus');
    const settings = { name: 'n', text_targets: '10.0.0.1', description: `[nmcp:${task_id}]` };
    const made = await fetch(`${t.simulator.url}/scans`, {
      method: 'POST',
      headers: { ...keys, 'content-type': 'application/json' },
      body: JSON.stringify({ uuid, settings }),
    });
    const { scan } = (await made.json()) as { scan: { id: number } };
    await t.tasks.create({ ...done, task_id, nessus_scan_id: scan.id });
    expect((await keep(t, 25)).scans.map((removed) => removed.task_id)).toContain(task_id);
    expect(t.simulator.scans()).toEqual([]);
  });

  test('of somebody else is left alone, also one that has got the number of ours', async () => {
    await using t = await bench();
    const byHand = t.simulator.startByHand({ name: 'theirs', targets: '10.0.0.1' });
    const done = await finished(t);
    // the scanner was set up anew, and the number belongs to a person's scan now
    await t.tasks.create({ ...done, task_id: newTaskId('nessus'), nessus_scan_id: byHand });
    await keep(t, 25);
    expect(t.simulator.scans().map(({ id }) => id)).toEqual([byHand]);
  });

  test('that was only followed is left alone', async () => {
    await using t = await bench();
    const done = await finished(t);
    await t.tasks.remove(done.task_id);
    await t.tasks.create({ ...done, attached: true });
    expect(await keep(t, 25)).toMatchObject({ scans: [] });
    expect(t.simulator.scans()).toHaveLength(1);
  });

  test('of a scanner that does not answer keeps its task, so that it is found again', async () => {
    await using t = await bench();
    const { task_id } = await finished(t);
    t.simulator.fail({ path: /scans/, times: Number.POSITIVE_INFINITY, status: 500 });
    const report = await keep(t, 24 * 31);
    expect(report).toMatchObject({ scans: [], expired: [] });
    expect(report.problems).toHaveLength(1);
    t.simulator.clearFaults();
    expect(await t.until(async () => (await keep(t, 24 * 31)).scans[0])).toMatchObject({ task_id });
    await expect(t.tasks.read(task_id)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a task', () => {
  test('is removed with its results when its time is over, a failed one later', async () => {
    await using t = await bench();
    const done = await finished(t);
    const failed: Task = {
      ...done,
      task_id: newTaskId('nessus'),
      status: 'failed',
      completed_at: done.completed_at ?? '',
      error_message: 'why',
      nessus_scan_id: null,
    };
    await t.tasks.create(failed);
    expect((await keep(t, 24 * 6)).expired).toEqual([]);
    expect((await keep(t, 24 * 8, { dryRun: true })).expired).toEqual([done.task_id]);
    expect((await keep(t, 24 * 8)).expired).toEqual([done.task_id]);
    expect((await readdir(t.tasks.dataDir)).filter((name) => name.includes('ne_scan'))).toEqual([
      failed.task_id,
    ]);
    expect((await keep(t, 24 * 31)).expired).toEqual([failed.task_id]);
  });

  test('that runs under a lease is never touched, however old; one that nobody takes fails, as under v3.0', async () => {
    await using t = await bench({ speed: 1 });
    const running = await t.submit();
    await using _ = t.start();
    await t.until(async () => (await t.tasks.read(running)).nessus_scan_id !== null);
    const waiting = queuedTask({
      task_id: newTaskId('nessus'),
      trace_id: 't',
      scan_type: 'untrusted',
      scanner_type: 'nessus',
      scanner_pool: 'nessus_other' as PoolName, // which nobody serves
      scanner_instance_id: null,
      payload: { targets: '10.0.0.1', name: 'n', description: '', schema_profile: 'brief' },
      created_at: '2020-01-01T00:00:00.000Z',
    });
    await t.tasks.create(waiting);
    const pending = {
      ...waiting,
      task_id: newTaskId('nessus'),
      approval: { state: 'pending' as const, reason: 'r', expires_at: '2099-01-01T00:00:00.000Z' },
    };
    await t.tasks.create(pending);
    // workers that have only begun take what has waited while there were none
    expect(await keep(t, 24, { sparesWaiting: true })).toMatchObject({ stale: [] });
    expect(await keep(t, 24)).toMatchObject({ stale: [waiting.task_id], problems: [] });
    expect(await t.tasks.read(waiting.task_id)).toMatchObject({
      status: 'failed',
      failure_reason: 'stale',
      error_message: 'No worker took it in 24 hours',
    });
    expect(await keep(t, 24 * 29)).toEqual({ scans: [], policies: [], stale: [], expired: [], problems: [] });
    expect((await t.tasks.list()).map(({ status }) => status).sort()).toEqual([
      'failed',
      'queued',
      'running',
    ]);
    expect(t.simulator.scans()).toHaveLength(1);
  });

  test('that cannot be read is removed like a failed one', async () => {
    await using t = await bench();
    const id = newTaskId('nessus');
    await mkdir(join(t.tasks.dataDir, id), { recursive: true });
    await writeFile(join(t.tasks.dataDir, id, 'task.json'), '{');
    expect((await keep(t, 24 * 29)).expired).toEqual([]);
    expect((await keep(t, 24 * 31)).expired).toEqual([id]);
    expect(await readdir(t.tasks.dataDir)).not.toContain(id);
  });

  test('that runs and that nobody holds ends as timed out; its scan is stopped and deleted', async () => {
    await using t = await bench({ speed: 1 });
    const id = await abandoned(t);
    expect(await keep(t, 23)).toMatchObject({ stale: [] });
    expect(await keep(t, 25, { dryRun: true })).toMatchObject({ stale: [id] });
    expect((await t.tasks.read(id)).status).toBe('running');
    expect(await keep(t, 25)).toMatchObject({ stale: [id], problems: [] });
    expect(await t.tasks.read(id)).toMatchObject({ status: 'timeout', failure_reason: 'stale' });
    expect(t.simulator.scans()).toEqual([]);
    expect(await t.queue.has(DEFAULT_POOL, id)).toBe(false);
  });

  test('and whose scanner is away keeps running, and nobody with an older claim writes any more', async () => {
    await using t = await bench({ speed: 1 });
    const id = await abandoned(t);
    const fence = (await t.tasks.read(id)).lease_fence ?? 0;
    t.simulator.fail({ path: /scans/, times: Number.POSITIVE_INFINITY, status: 500 });
    expect(await keep(t, 25)).toMatchObject({ stale: [], problems: [expect.any(String)] });
    expect((await t.tasks.read(id)).status).toBe('running');
    await expect(t.tasks.change(id, fence, (task) => ({ ...task, progress: 1 }))).rejects.toMatchObject({
      code: 'stale_lease',
    });
    t.simulator.clearFaults();
    expect((await t.until(async () => (await keep(t, 25)).stale[0])) === id).toBe(true);
    expect(t.simulator.scans()).toEqual([]);
  });

  test('of which the scan is only to be stopped leaves it there', async () => {
    await using t = await bench({ speed: 1 });
    const id = await abandoned(t);
    await keep(t, 25, { rules: { ...RULES, deleteStale: false } });
    expect((await t.tasks.read(id)).status).toBe('timeout');
    expect(t.simulator.scans()).toMatchObject([{ status: 'canceled' }]);
  });
});

test('one of several workers does the housekeeping, once an interval', async () => {
  let now = Date.now();
  await using t = await bench({ queueClock: () => now });
  await finished(t);
  now += 25 * HOUR;
  const logged: string[] = [];
  const log = { info: (_: unknown, text: string) => logged.push(text), error: () => {} } as never;
  const open = (consumer: string) =>
    createHousekeeper({ ...t, rules: RULES, clock: () => now, intervalMs: HOUR, consumer, log });
  await using a = open('a');
  await using b = open('b');
  const both = await Promise.all([a.runIfDue(), b.runIfDue()]);
  expect(both.filter((report) => report !== undefined).length).toBeLessThanOrEqual(1);
  expect(t.simulator.scans()).toEqual([]);
  expect(await t.metrics.expose()).toMatch(/nmcp_housekeeping_removals_total\{kind="scanner_scan"\} 1/);
  now += HOUR / 2;
  expect(await a.runIfDue()).toBeUndefined();
  now += HOUR;
  expect(await b.runIfDue()).toMatchObject({ scans: [], problems: [] });
});
