import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { newTaskId, type TaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { chunks, newTask, openStore } from './task_store_test_bench.ts';

describe('a link in the data directory', () => {
  test.each<[string, (t: { dataDir: string; id: TaskId; elsewhere: string }) => Promise<void>]>([
    [
      'in place of task.json',
      async ({ dataDir, id, elsewhere }) => {
        await mkdir(join(dataDir, id));
        await symlink(join(elsewhere, 'task.json'), join(dataDir, id, 'task.json'));
      },
    ],
    [
      'in place of a task’s folder',
      async ({ dataDir, id, elsewhere }) => await symlink(elsewhere, join(dataDir, id)),
    ],
  ])('%s is not followed', async (_what, link) => {
    await using t = await openStore();
    await using elsewhere = await tempFolder();
    const id = newTaskId('nessus');
    await writeFile(join(elsewhere.path, 'task.json'), JSON.stringify(newTask('10.0.0.1', id)));
    await link({ dataDir: t.dataDir, id, elsewhere: elsewhere.path });
    await expect(t.store.read(id)).rejects.toMatchObject({
      message: expect.stringContaining('links are not followed'),
    });
    expect(await t.store.list()).toEqual([]);
    expect(t.damaged).toEqual([id]);
    // nor is what it leads to removed with the task
    await t.store.remove(id);
    expect(await readdir(elsewhere.path)).toEqual(['task.json']);
  });

  test('where results are written is replaced, and what it leads to stays', async () => {
    await using t = await openStore();
    await using elsewhere = await tempFolder();
    const task = newTask();
    await t.store.create(task);
    const victim = join(elsewhere.path, 'victim');
    await writeFile(victim, 'theirs');
    const { native } = t.store.paths(task.task_id);
    await symlink(victim, native);
    await t.store.saveResults(task.task_id, chunks('ours'));
    expect([await readFile(victim, 'utf8'), await readFile(native, 'utf8')]).toEqual(['theirs', 'ours']);
  });
});

/** Runs as a user that may not do everything, also where the tests run as root. */
async function asNobody(action: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return await action();
  process.seteuid?.(65_534);
  try {
    await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe('a data directory', () => {
  test('that is read-only is an error that names it, and what is in it can be read', async () => {
    await using t = await openStore();
    const task = newTask();
    await t.store.create(task);
    await chmod(t.store.paths(task.task_id).task, 0o444);
    for (const path of [t.store.paths(task.task_id).folder, t.dataDir]) await chmod(path, 0o555);
    await asNobody(async () => {
      const refused = {
        code: 'storage',
        message: expect.stringMatching(/cannot be written: permission denied/),
      };
      await expect(t.store.create(newTask())).rejects.toMatchObject(refused);
      await expect(t.store.change(task.task_id, 1, (before) => ({ ...before }))).rejects.toMatchObject(
        refused,
      );
      await expect(t.store.saveResults(task.task_id, chunks('x'))).rejects.toMatchObject(refused);
      expect(await t.store.read(task.task_id)).toMatchObject({ task_id: task.task_id });
    });
    await chmod(t.dataDir, 0o755);
    await chmod(t.store.paths(task.task_id).folder, 0o755);
  });

  test('with a task of somebody else lists the others, and says what is wrong with that one', async () => {
    await using t = await openStore();
    const [ours, theirs] = [newTask(), newTask()];
    await t.store.create(ours);
    await t.store.create(theirs);
    await chmod(t.dataDir, 0o755);
    for (const { task_id } of [ours, theirs]) await chmod(t.store.paths(task_id).folder, 0o755);
    await chmod(t.store.paths(ours.task_id).task, 0o444);
    await chmod(t.store.paths(theirs.task_id).task, 0o000);
    await asNobody(async () => {
      expect((await t.store.list()).map((task) => task.task_id)).toEqual([ours.task_id]);
      expect(t.damaged).toEqual([theirs.task_id]);
      await expect(t.store.read(theirs.task_id)).rejects.toMatchObject({
        code: 'storage',
        message: expect.stringMatching(/task\.json cannot be read: permission denied/),
      });
    });
  });
});
