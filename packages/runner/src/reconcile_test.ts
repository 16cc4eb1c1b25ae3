import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskQueue } from '@nmcp/queue';
import { createTaskStore, queuedTask } from '@nmcp/tasks';
import { tempFolder } from '@nmcp/test-support';
import { DEFAULT_POOL, NmcpError, newTaskId } from '@nmcp/types';
import { expect, test } from 'vitest';
import { reconcile } from './mod.ts';
import { bench } from './runner_test_bench.ts';

test('a task that cannot be looked at stands in the way of no other, and is told of', async () => {
  await using t = await bench();
  const [one, other] = [await t.submit(), await t.submit()];
  for (const id of [one, other]) await t.queue.remove(DEFAULT_POOL, id);
  const read = t.tasks.read.bind(t.tasks);
  t.tasks.read = (id) =>
    id === one ? Promise.reject(new NmcpError('storage', 'input/output error')) : read(id);
  const report = await reconcile({ ...t, clock: () => Date.now() + 120_000 });
  expect(report).toMatchObject({ requeued: [other], problems: [expect.stringContaining(one)] });
});

test('a dead letter of a task that goes on, or was completed, is withdrawn', async () => {
  await using t = await bench();
  const id = await t.submit();
  const claim = await t.queue.claim([DEFAULT_POOL], { consumer: 'w', leaseMs: 60_000 });
  if (claim) await t.queue.fail(claim, 'task.json was not there');
  const later = { ...t, clock: () => Date.now() + 120_000 };
  expect(await reconcile({ ...later, dryRun: true })).toMatchObject({ letters: [id], requeued: [id] });
  expect(await reconcile(later)).toMatchObject({ letters: [id], requeued: [id] });
  expect(await t.queue.deadLetters(DEFAULT_POOL, 10)).toEqual([]);
  t.start();
  expect((await t.ended(id)).status).toBe('completed');
});

test('a task that shows up a while after its entry runs', async () => {
  await using t = await bench();
  const id = await t.submit();
  const { folder } = t.tasks.paths(id);
  await rename(folder, `${folder}.away`);
  t.start({ appearMs: 60_000 });
  await t.until(() => t.logged.some((line) => line.includes('waits for the task to be readable')));
  await rename(`${folder}.away`, folder);
  expect((await t.ended(id)).status).toBe('completed');
});

test('a removal that was cut off leaves no half of a task, and the reconciliation ends it', async () => {
  await using folder = await tempFolder();
  const tasks = createTaskStore({ dataDir: folder.path });
  const task = queuedTask({
    task_id: newTaskId('nessus'),
    trace_id: 't',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: DEFAULT_POOL,
    scanner_instance_id: null,
    payload: { targets: '10.0.0.1', name: 'n', description: '', schema_profile: 'brief' },
    created_at: new Date().toISOString(),
  });
  await tasks.create(task);
  // as a process leaves it that is killed between the two steps of a removal
  await rename(tasks.paths(task.task_id).folder, join(folder.path, `.removed-${task.task_id}-abcd`));
  expect(await tasks.list()).toEqual([]);
  await expect(tasks.read(task.task_id)).rejects.toMatchObject({ code: 'not_found' });
  const queue = { taskIds: async () => new Set(), deadLetters: async () => [] } as unknown as TaskQueue; // nothing is open, so nothing else is asked
  const report = await reconcile({ tasks, queue, clock: Date.now });
  expect(report.removals).toEqual([`.removed-${task.task_id}-abcd`]);
  expect(await readdir(folder.path)).toEqual([]);
});

test('lock files of limits of a day, which a version before has left, go', async () => {
  await using folder = await tempFolder();
  const lock = join(folder.path, '.day-2bd806c97f0e00af.lock');
  await writeFile(lock, '');
  await mkdir(join(folder.path, '.day-limits'));
  const tasks = createTaskStore({ dataDir: folder.path });
  // it asks the queue about tasks only, and there are none
  const report = await reconcile({ tasks, queue: {} as TaskQueue, clock: Date.now });
  expect(report).toMatchObject({ parts: [lock], problems: [] });
  expect(await readdir(folder.path)).toEqual(['.day-limits']);
});

test('a worker whose clock is an hour ahead of the others ends nobody’s time', async () => {
  await using t = await bench({ queueClock: () => Date.now() - 3_600_000 });
  const id = await t.submit();
  await t.tasks.change(id, undefined, (task) => ({
    ...task,
    approval: { state: 'pending', reason: 'r', expires_at: new Date(Date.now() - 60_000).toISOString() },
  }));
  t.start();
  await t.until(() => t.logged.some((line) => line.includes('could not be reconciled')));
  expect(await t.tasks.read(id)).toMatchObject({ status: 'queued', approval: { state: 'pending' } });
});
