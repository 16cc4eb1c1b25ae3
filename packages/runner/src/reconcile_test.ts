import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskQueue } from '@nmcp/queue';
import { createTaskStore, queuedTask } from '@nmcp/tasks';
import { tempFolder } from '@nmcp/test-support';
import { DEFAULT_POOL, newTaskId } from '@nmcp/types';
import { expect, test } from 'vitest';
import { reconcile } from './mod.ts';

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
  const queue = { taskIds: async () => new Set() } as unknown as TaskQueue; // nothing is open, so nothing else is asked
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
