import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createTaskStore } from '../mod.ts';
import { formatTask } from '../parse_task.ts';
import { failed, newTask, running } from '../task_store_test_bench.ts';
import { commitVersion } from '../task_versions.ts';
import { ChangeNotes, NOTES_FOLDER } from './change_notes.ts';
import {
  expectAsInFolders,
  expectAtStart,
  openIndexed,
  readPlainly,
  twoProcesses,
  writeAsOthers,
} from './listing_test_bench.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Runs a change in a process of its own, which is killed where `at` says: at a call of `node:fs/promises`. */
function changeAndDie(
  dataDir: string,
  body: string,
  at: { call: 'open' | 'link' | 'rename'; after: boolean },
): void {
  const text = `
    import fs from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const real = fs.${at.call};
    fs.${at.call} = async (...args) => {
      if (!String(args[0]).includes('.task')) return real(...args);
      ${at.after ? 'await real(...args);' : ''}
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    };
    syncBuiltinESMExports();
    const { createTaskStore } = await import('@nmcp/tasks');
    const store = createTaskStore({ dataDir: ${JSON.stringify(dataDir)}, atOnce: 0 });
    ${body}`;
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
  });
  expect([signal, stderr]).toEqual(['SIGKILL', '']);
}

describe('a process that is killed', () => {
  test.each([
    ['before it has noted what it does', { call: 'open', after: false }, 'queued'],
    ['before its commit', { call: 'link', after: false }, 'queued'],
    ['after its commit', { call: 'link', after: true }, 'running'],
    ['before it shows what it has committed', { call: 'rename', after: false }, 'running'],
  ] as const)('%s leaves lists that are right', async (_when, at, status) => {
    await using place = await twoProcesses();
    const task = newTask();
    await place.a.create(task);
    await expectAsInFolders(place.dataDir, [place.a, place.b]);
    changeAndDie(
      place.dataDir,
      `await store.change('${task.task_id}', 1, (before) => ({ ...before, status: 'running', started_at: before.created_at }));`,
      at,
    );
    expect(await place.b.ids({ status })).toEqual([task.task_id]);
    await expectAsInFolders(place.dataDir, [place.a, place.b]);
    await place.a.change(task.task_id, 2, (before) =>
      before.status === 'queued' ? running(before) : before,
    );
    await place.a.change(task.task_id, 2, failed);
    await expectAsInFolders(place.dataDir, [place.a, place.b]);
  });
});

test('who reads between a note and its commit looks again, until it is committed', async () => {
  await using place = await twoProcesses();
  const task = newTask();
  await place.a.create(task);
  await place.b.list();
  const slow = new ChangeNotes(place.dataDir); // of a process that is stopped after its note
  await slow.write({ id: task.task_id, version: 2 });
  for (let look = 0; look < 3; look++) expect(await place.b.ids({ status: 'queued' })).toHaveLength(1);
  await commitVersion(
    place.b.paths(task.task_id).folder,
    2,
    formatTask({ ...running({ ...task, version: 1 }), version: 2 }),
  );
  expect(await place.b.ids({ status: 'running' })).toEqual([task.task_id]);
  await expectAsInFolders(place.dataDir, [place.a, place.b]);
});

test('a page shows no task that does not fit, nor less than there is, whoever has changed them', async () => {
  await using place = await twoProcesses();
  const [older, newer] = [newTask(), newTask()];
  for (const task of [older, newer]) await place.a.create(task);
  for (let look = 0; look < 2; look++) expect(await place.b.count({ status: 'queued' })).toBe(2);
  await writeAsOthers(place.dataDir, { ...failed(newer), version: 2 });
  const page = await place.b.list({ status: 'queued', limit: 1 });
  expect(page.map(({ task_id }) => task_id)).toEqual([older.task_id]);
});

test('clocks that jump change nothing', async () => {
  await using place = await twoProcesses();
  vi.useFakeTimers({ toFake: ['Date'] });
  for (const at of ['2026-01-02T00:00:00Z', '2020-01-01T00:00:00Z', '2040-01-01T00:00:00Z']) {
    vi.setSystemTime(new Date(at));
    const task = newTask();
    await place.a.create(task);
    await place.b.change(task.task_id, 1, running);
    await expectAsInFolders(place.dataDir, [place.a, place.b]);
  }
});

describe('of many folders, what those do who note nothing is listed within seconds:', () => {
  test.each<[string, (dataDir: string, id: string) => Promise<void>]>([
    ['a task that another program makes', (dataDir) => writeAsOthers(dataDir, newTask())],
    [
      'one that it changes',
      async (dataDir, id) => {
        const [task] = await (await readPlainly(dataDir)).list({ ids: [id] });
        if (task) await writeAsOthers(dataDir, { ...failed(task), version: 2 });
        await rm(join(dataDir, id, '.task-1.json'), { force: true });
      },
    ],
    ['a folder that is removed', (dataDir, id) => rm(join(dataDir, id), { recursive: true })],
    [
      'a folder that is moved away, and back',
      (dataDir, id) => rename(join(dataDir, id), join(dataDir, 'kept')),
    ],
    ['notes that are removed', (dataDir) => rm(join(dataDir, NOTES_FOLDER), { recursive: true })],
  ])(
    '%s',
    async (_what, act) => {
      await using place = await twoProcesses();
      const tasks = [newTask(), newTask(), newTask()];
      for (const task of tasks) await place.a.create(task);
      await expectAsInFolders(place.dataDir, [place.a, place.b]);
      await act(place.dataDir, tasks[1]?.task_id ?? '');
      await place.a.create(newTask()); // of a process that notes, or would
      await vi.waitFor(() => expectAsInFolders(place.dataDir, [place.a, place.b]), {
        timeout: 30_000,
        interval: 200,
      });
      await rename(join(place.dataDir, 'kept'), join(place.dataDir, tasks[1]?.task_id ?? '')).catch(() => {});
      await vi.waitFor(() => expectAsInFolders(place.dataDir, [place.a, place.b]), {
        timeout: 30_000,
        interval: 200,
      });
    },
    90_000,
  );
});

describe('notes that cannot be written', () => {
  test.each<[string, (dataDir: string) => Promise<void>]>([
    [
      'since the disk is full',
      async (dataDir) => {
        const folder = join(dataDir, NOTES_FOLDER);
        for (const name of await readdir(folder)) {
          await rm(join(folder, name));
          await symlink('/dev/full', join(folder, name));
        }
      },
    ],
    [
      'since there is something else in their place',
      async (dataDir) => {
        await rm(join(dataDir, NOTES_FOLDER), { recursive: true });
        await writeFile(join(dataDir, NOTES_FOLDER), '');
      },
    ],
  ])(
    '%s hold up no change, nor its own lists',
    async (_why, spoil) => {
      await using place = await twoProcesses();
      const task = newTask();
      await place.a.create(task);
      await place.a.list();
      await place.a.change(task.task_id, 1, running);
      await spoil(place.dataDir);
      await place.a.change(task.task_id, 1, failed);
      await place.a.create(newTask());
      await expectAsInFolders(place.dataDir, [place.a]);
      await vi.waitFor(() => expectAsInFolders(place.dataDir, [place.b]), { timeout: 30_000, interval: 200 });
    },
    60_000,
  );
});

describe('an index that was saved', () => {
  /** A data directory with an index of it, as a process has left it that was ended. */
  async function saved() {
    const place = await twoProcesses();
    const tasks = Array.from({ length: 6 }, () => newTask());
    for (const task of tasks) await place.a.create(task);
    const [, second] = tasks;
    if (second) await place.a.change(second.task_id, 1, running);
    await place.a.list();
    const path = join(place.dataDir, '.task-index');
    await vi.waitFor(() => readFile(path), { timeout: 10_000 });
    return { ...place, tasks, path };
  }

  test.each<[string, (path: string) => Promise<void>]>([
    ['missing', (path) => rm(path)],
    ['cut', async (path) => writeFile(path, (await readFile(path)).subarray(0, -100))],
    ['empty', (path) => writeFile(path, '')],
    [
      'damaged',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"queued"', '"failed"')),
    ],
    [
      'of another version',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('1}', '2}')),
    ],
    [
      'a folder',
      async (path) => {
        await rm(path);
        await mkdir(path);
      },
    ],
  ])('and is %s is made anew', async (_what, spoil) => {
    await using place = await saved();
    await spoil(place.path);
    await expectAtStart(place.dataDir);
  });

  test('is believed of no task that was changed since, by whomever', async () => {
    await using place = await saved();
    const [one, two, three, four] = place.tasks;
    if (!one || !two || !three || !four) throw new Error('few');
    await place.b.change(one.task_id, 1, running);
    await place.b.change(two.task_id, 1, failed);
    await writeAsOthers(place.dataDir, failed({ ...three, version: 1 }));
    await rm(join(place.dataDir, four.task_id), { recursive: true });
    await place.b.create(newTask());
    await expectAtStart(place.dataDir);
  });

  test('comes with a folder that was restored, older or newer than the tasks in it', async () => {
    await using place = await saved();
    await using backup = await tempFolder();
    const copy = join(backup.path, 'copy');
    await cp(place.dataDir, copy, { recursive: true, preserveTimestamps: true });
    for (const task of place.tasks.slice(2)) await place.a.change(task.task_id, 1, running);
    await cp(place.path, join(copy, '.task-index')); // newer than what it lies beside
    await expectAtStart(copy);
    await rm(place.dataDir, { recursive: true });
    await rename(copy, place.dataDir);
    await expectAsInFolders(place.dataDir, [
      openIndexed(place.dataDir),
      createTaskStore({ dataDir: place.dataDir }),
    ]);
    // and who has run all the time sees it, too
    await vi.waitFor(() => expectAsInFolders(place.dataDir, [place.a]), { timeout: 30_000, interval: 200 });
  }, 60_000);
});

test('who only reads writes nothing', async () => {
  await using place = await twoProcesses();
  await place.a.create(newTask());
  const before = await readdir(place.dataDir);
  const reader = createTaskStore({ dataDir: place.dataDir, atOnce: 0, onlyReads: true });
  expect(await reader.count()).toBe(1);
  await reader.damaged();
  expect(await readdir(place.dataDir)).toEqual(before);
});
