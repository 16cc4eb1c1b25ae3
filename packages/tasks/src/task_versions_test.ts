import { spawnSync } from 'node:child_process';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type Task, type TaskId, toTaskFile } from '@nmcp/types';
import { describe, expect, test, vi } from 'vitest';
import { createTaskStore, endedTask } from './mod.ts';
import { failed, newTask, openStore, running } from './task_store_test_bench.ts';
import { versionPath } from './task_versions.ts';

/** Changes a task in a process of its own, while this one stands still. */
function changeElsewhere(dataDir: string, id: TaskId, fence: number | undefined, changes: object): void {
  const script = `
    import { createTaskStore } from '@nmcp/tasks';
    const store = createTaskStore({ dataDir: ${JSON.stringify(dataDir)} });
    await store.change('${id}', ${fence}, (before) => ({ ...before, ...${JSON.stringify(changes)} }));`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: new URL('..', import.meta.url),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

const END = {
  status: 'failed',
  completed_at: '2026-01-01T00:00:00.000Z',
  error_message: 'Canceled on request',
};

describe('a writer that stood still between its look and its commit', () => {
  test('does not take back the end that another process has written', async () => {
    await using t = await openStore();
    const { task_id } = newTask();
    await t.store.create(newTask('10.0.0.1', task_id));
    let asked = 0;
    const begin = t.store.change(task_id, 5, (before) => {
      if (++asked === 1) changeElsewhere(t.dataDir, task_id, undefined, END);
      return running(before);
    });
    await expect(begin).rejects.toMatchObject({ code: 'invalid_transition' });
    expect(asked).toBe(2);
    expect(await t.store.read(task_id)).toMatchObject({ status: 'failed', version: 2 });
  });

  test('is refused when a later holder has written, and sees what a person has asked for', async () => {
    await using t = await openStore();
    const { task_id } = newTask();
    await t.store.create(newTask('10.0.0.1', task_id));
    await t.store.change(task_id, 5, running);
    let overtaken = false;
    const stale = t.store.change(task_id, 5, (before) => {
      if (!overtaken) changeElsewhere(t.dataDir, task_id, 6, { progress: 1 });
      overtaken = true;
      return failed(before);
    });
    await expect(stale).rejects.toMatchObject({ code: 'stale_lease' });
    let seen: Task['cancel'];
    await t.store.change(task_id, 6, (before) => {
      if (!before.cancel)
        changeElsewhere(t.dataDir, task_id, undefined, { cancel: { at: 'now', by: 'alice' } });
      seen = before.cancel;
      return { ...before, attempts: 2 };
    });
    expect(seen).toEqual({ at: 'now', by: 'alice' });
    // what a person changes leaves the fence of the holder
    expect(await t.store.read(task_id)).toMatchObject({
      lease_fence: 6,
      attempts: 2,
      cancel: { by: 'alice' },
    });
  });

  test('between its commit and showing it has committed: every reader sees it, and shows it', async () => {
    await using t = await openStore();
    const { task_id } = newTask();
    await t.store.create(newTask('10.0.0.1', task_id));
    const { folder, task: shown } = t.store.paths(task_id);
    const before = await readFile(shown, 'utf8');
    await t.store.change(task_id, 1, running);
    await rm(shown); // as it was before: a file of its own, with what the first version was
    await writeFile(shown, before);
    const other = createTaskStore({ dataDir: t.dataDir });
    expect((await other.list()).map(({ status }) => status)).toEqual(['running']);
    expect(JSON.parse(await readFile(shown, 'utf8'))).toMatchObject({
      status: 'running',
      payload: { nmcp: { version: 2 } },
    });
    expect((await stat(shown)).ino).toBe((await stat(versionPath(folder, 2))).ino);
    // the same for a task whose first version was not shown yet
    await rm(shown);
    await rm(versionPath(folder, 2));
    expect(await createTaskStore({ dataDir: t.dataDir }).read(task_id)).toMatchObject({ status: 'queued' });
  });

  test('and showed half of it: the reader takes the version, and shows it again', async () => {
    await using t = await openStore();
    const { task_id } = newTask();
    await t.store.create(newTask('10.0.0.1', task_id));
    const { task: shown } = t.store.paths(task_id);
    const whole = await readFile(shown, 'utf8');
    await rm(shown); // the version is a file of the same content, and must keep it
    await writeFile(shown, whole.slice(0, 20));
    expect(await t.store.read(task_id)).toMatchObject({ status: 'queued', version: 1 });
    expect(await readFile(shown, 'utf8')).toBe(whole);
  });

  test('and did not show it: a reader that knows the task as it was sees it too', async () => {
    await using t = await openStore();
    const { task_id } = newTask();
    await t.store.create(newTask('10.0.0.1', task_id));
    const before = await t.store.read(task_id);
    const { folder } = t.store.paths(task_id);
    const next = { ...before, version: 2, attempts: 7 };
    await writeFile(versionPath(folder, 2), JSON.stringify(next));
    await vi.waitFor(async () => expect(await t.store.read(task_id)).toMatchObject({ attempts: 7 }), 5000);
  });
});

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
