import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { createTaskStore, type TaskStore } from './mod.ts';
import { newTask, openStore, running, shownFiles } from './task_store_test_bench.ts';

describe('a task', () => {
  test('is written whole, for its owner alone, and read back', async () => {
    await using t = await openStore();
    const task = newTask();
    await t.store.create(task);
    expect(await t.store.read(task.task_id)).toMatchObject({ ...task, version: 1 });
    expect((await stat(t.store.paths(task.task_id).task)).mode & 0o777).toBe(0o600);
    expect(await shownFiles(t.store, task.task_id)).toEqual(['task.json']);
    await expect(t.store.create(task)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('that another process changed is read anew', async () => {
    await using t = await openStore();
    const other = createTaskStore({ dataDir: t.dataDir });
    const task = newTask();
    await t.store.create(task);
    await t.store.read(task.task_id);
    await other.change(task.task_id, 1, running);
    expect((await t.store.read(task.task_id)).status).toBe('running');
  });
});

describe('a damaged task.json', () => {
  test.each([
    ['cut in half', '{"task_id": "ne_sc', /not JSON/],
    ['of another shape', '{"task_id": 1}', /damaged: status/],
    ['empty', '', /not JSON/],
  ])('%s is told and does not hide the others', async (_name, content, why) => {
    await using t = await openStore();
    const [good, bad] = [newTask(), newTask()];
    await t.store.create(good);
    await t.store.create(bad);
    await writeFile(t.store.paths(bad.task_id).task, content);
    await expect(t.store.read(bad.task_id)).rejects.toThrow(why);
    expect((await t.store.list()).map((task) => task.task_id)).toEqual([good.task_id]);
    expect(t.damaged).toEqual([bad.task_id]);
  });

  test('that belongs to another task is refused', async () => {
    await using t = await openStore();
    const [a, b] = [newTask(), newTask()];
    await t.store.create(a);
    await t.store.create(b);
    await writeFile(t.store.paths(a.task_id).task, await readFile(t.store.paths(b.task_id).task));
    await expect(t.store.read(a.task_id)).rejects.toThrow(/belongs to the task/);
  });
});

describe('listing', () => {
  test('is newest first, by state, pool and overlapping targets', async () => {
    await using t = await openStore();
    const tasks = [newTask('10.0.0.0/24'), newTask('10.0.0.7, 192.168.1.1'), newTask('web.example.org')];
    for (const task of tasks) await t.store.create(task);
    await t.store.change(tasks[0]?.task_id as TaskId, 1, running);
    const ids = async (filter: Parameters<TaskStore['list']>[0]): Promise<number[]> =>
      (await t.store.list(filter)).map((task) => tasks.findIndex(({ task_id }) => task_id === task.task_id));
    expect(await ids({})).toEqual([2, 1, 0]);
    expect(await ids({ status: 'running' })).toEqual([0]);
    expect(await ids({ targets: '10.0.0.7' })).toEqual([1, 0]);
    expect(await ids({ targets: '10.0.0.0/8' })).toEqual([1, 0]);
    expect(await ids({ targets: 'WEB.example.org' })).toEqual([2]);
    expect(await ids({ targets: '172.16.0.0/12' })).toEqual([]);
  });

  test('leaves out what is no task: other files, links out of the folder', async () => {
    await using t = await openStore();
    await mkdir(join(t.dataDir, 'lost+found'));
    await writeFile(join(t.dataDir, '.queue.db'), '');
    await writeFile(join(t.dataDir, 'notes_of_2026'), '');
    await mkdir(join(t.dataDir, 'ne_scan_20260101_000000_empty'));
    await symlink('/etc', join(t.dataDir, 'ne_scan_20260101_000000_aa'));
    expect(await t.store.list()).toEqual([]);
    expect(t.damaged).toEqual(['ne_scan_20260101_000000_aa']);
  });

  test('of a folder that is not there yet is empty', async () => {
    expect(await createTaskStore({ dataDir: '/nowhere/at/all' }).list()).toEqual([]);
  });
});
