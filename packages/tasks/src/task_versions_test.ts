import { readFile, rm, writeFile } from 'node:fs/promises';
import { toTaskFile } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { createTaskStore, endedTask } from './mod.ts';
import { newTask, openStore, running } from './task_store_test_bench.ts';
import { versionPath } from './task_versions.ts';

test('of twenty that make the task of one id, one does', async () => {
  await using t = await openStore();
  const task = newTask();
  const all = await Promise.allSettled(
    Array.from({ length: 20 }, () => createTaskStore({ dataDir: t.dataDir }).create(task)),
  );
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const one of all)
    if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'conflict' });
});

describe('a data directory', () => {
  test('of a version without versions is read, and written on', async () => {
    await using t = await openStore();
    const task = { ...newTask(), lease_fence: 7, progress: 12 };
    await t.store.create(task);
    const { folder, task: shown } = t.store.paths(task.task_id);
    await rm(versionPath(folder, 1));
    await rm(shown);
    await writeFile(shown, JSON.stringify(task));
    const store = createTaskStore({ dataDir: t.dataDir });
    expect(await store.read(task.task_id)).toEqual(task);
    await expect(store.create(task)).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.change(task.task_id, 6, running)).rejects.toMatchObject({ code: 'stale_lease' });
    expect(await store.change(task.task_id, 8, running)).toMatchObject({ version: 1, progress: 12 });
    expect(await t.store.read(task.task_id)).toMatchObject({ status: 'running', lease_fence: 8 });
  });

  test('of a later version is refused, and left as it is', async () => {
    await using t = await openStore();
    const task = newTask();
    await t.store.create(task);
    const { task: shown } = t.store.paths(task.task_id);
    const text = JSON.stringify(toTaskFile(task, { format: 3, version: 1, meaning: 'unknown' }));
    await rm(shown);
    await writeFile(shown, text);
    const refused = { message: expect.stringMatching(/written by a later version \(format 3\)/) };
    await expect(t.store.read(task.task_id)).rejects.toMatchObject(refused);
    await expect(t.store.change(task.task_id, 1, running)).rejects.toMatchObject(refused);
    expect(await readFile(shown, 'utf8')).toBe(text);
  });
});

test('progress is shown, makes no version, and does not outlive the end', async () => {
  await using t = await openStore();
  const { task_id } = newTask();
  await t.store.create(newTask('10.0.0.1', task_id));
  await t.store.change(task_id, 3, running);
  await t.store.noteProgress(task_id, 3, { progress: 40 });
  expect(await createTaskStore({ dataDir: t.dataDir }).read(task_id)).toMatchObject({
    progress: 40,
    version: 2,
  });
  await expect(t.store.noteProgress(task_id, 2, { progress: 10 })).rejects.toMatchObject({
    code: 'stale_lease',
  });
  await t.store.change(task_id, 3, (before) =>
    endedTask(before, { status: 'timeout', at: 0, error_message: 'late' }),
  );
  await t.store.noteProgress(task_id, 3, { progress: 50 });
  expect(await t.store.read(task_id)).toMatchObject({ status: 'timeout', version: 3 });
});
