import {
  chmod,
  mkdir,
  open as openFile,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskQueue } from '@nmcp/queue';
import { tempFolder } from '@nmcp/test-support';
import { DEFAULT_POOL, newTaskId, type Task, type TaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { createTaskStore, queuedTask, reconcile, type TaskStore } from './mod.ts';

async function open(): Promise<AsyncDisposable & { store: TaskStore; dataDir: string; damaged: string[] }> {
  const folder = await tempFolder();
  const damaged: string[] = [];
  const store = createTaskStore({ dataDir: folder.path, onDamaged: (id) => damaged.push(id) });
  return { store, dataDir: folder.path, damaged, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function* chunks(...parts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield new TextEncoder().encode(part);
  }
}

let number = 0;
function newTask(targets = '10.0.0.1', id: TaskId = newTaskId('nessus')): Task {
  return queuedTask({
    task_id: id,
    trace_id: 't',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: DEFAULT_POOL,
    scanner_instance_id: null,
    payload: { targets, name: 'n', description: '', schema_profile: 'brief' },
    created_at: new Date(1_800_000_000_000 + 1000 * number++).toISOString(),
  });
}

const running = (task: Task): Task => ({
  ...task,
  status: 'running',
  started_at: '2026-01-01T00:00:00.000Z',
});
const failed = (task: Task): Task => ({
  ...task,
  status: 'failed',
  completed_at: '2026-01-01T00:00:00.000Z',
  error_message: 'why',
});

describe('a task', () => {
  test('is written whole, for its owner alone, and read back', async () => {
    await using t = await open();
    const task = newTask();
    await t.store.create(task);
    expect(await t.store.read(task.task_id)).toEqual(task);
    expect((await stat(t.store.paths(task.task_id).task)).mode & 0o777).toBe(0o600);
    expect(await readdir(t.store.paths(task.task_id).folder)).toEqual(['task.json']);
    await expect(t.store.create(task)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('changes along the state machine only', async () => {
    await using t = await open();
    const { task_id } = newTask();
    await t.store.create(newTask('10.0.0.1', task_id));
    await t.store.change(task_id, 1, running);
    await t.store.change(task_id, 1, failed);
    await expect(t.store.change(task_id, 1, running)).rejects.toMatchObject({ code: 'invalid_transition' });
  });

  test('is not written by a holder that was overtaken', async () => {
    await using t = await open();
    const task = newTask();
    await t.store.create(task);
    await t.store.change(task.task_id, 5, running);
    await expect(t.store.change(task.task_id, 4, failed)).rejects.toMatchObject({ code: 'stale_lease' });
    expect((await t.store.read(task.task_id)).status).toBe('running');
  });

  test('is changed by one of many at a time, so that no change is lost', async () => {
    await using t = await open();
    const task = newTask();
    await t.store.create(task);
    await t.store.change(task.task_id, 1, running);
    const stores = [
      t.store,
      createTaskStore({ dataDir: t.dataDir }),
      createTaskStore({ dataDir: t.dataDir }),
    ];
    const add = (store: TaskStore): Promise<Task> =>
      store.change(task.task_id, 1, (before) => ({ ...before, progress: (before.progress ?? 0) + 1 }));
    await Promise.all(Array.from({ length: 30 }, (_, i) => add(stores[i % 3] ?? t.store)));
    expect((await t.store.read(task.task_id)).progress).toBe(30);
    expect(await readdir(t.store.paths(task.task_id).folder)).toEqual(['task.json']);
  });

  test('is changed although a killed process left its lock', async () => {
    await using t = await open();
    const task = newTask();
    await t.store.create(task);
    const lock = `${t.store.paths(task.task_id).task}.lock`;
    await writeFile(lock, '');
    await utimes(lock, 1, 1);
    expect((await t.store.change(task.task_id, 1, running)).status).toBe('running');
  });

  test('that another process changed is read anew', async () => {
    await using t = await open();
    const other = createTaskStore({ dataDir: t.dataDir });
    const task = newTask();
    await t.store.create(task);
    await t.store.read(task.task_id);
    await other.change(task.task_id, 1, running);
    expect((await t.store.read(task.task_id)).status).toBe('running');
  });

  test('that does not exist is an error that says how to find those that do', async () => {
    await using t = await open();
    await expect(t.store.read(newTaskId('nessus'))).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('list_tasks'),
    });
  });
});

describe('a damaged task.json', () => {
  test.each([
    ['cut in half', '{"task_id": "ne_sc', /not JSON/],
    ['of another shape', '{"task_id": 1}', /damaged: status/],
    ['empty', '', /not JSON/],
  ])('%s is told and does not hide the others', async (_name, content, why) => {
    await using t = await open();
    const [good, bad] = [newTask(), newTask()];
    await t.store.create(good);
    await t.store.create(bad);
    await writeFile(t.store.paths(bad.task_id).task, content);
    await expect(t.store.read(bad.task_id)).rejects.toThrow(why);
    expect((await t.store.list()).map((task) => task.task_id)).toEqual([good.task_id]);
    expect(t.damaged).toEqual([bad.task_id]);
  });

  test('that belongs to another task is refused', async () => {
    await using t = await open();
    const [a, b] = [newTask(), newTask()];
    await t.store.create(a);
    await t.store.create(b);
    await writeFile(t.store.paths(a.task_id).task, await readFile(t.store.paths(b.task_id).task));
    await expect(t.store.read(a.task_id)).rejects.toThrow(/belongs to the task/);
  });
});

test('a removal that was cut off leaves no half of a task, and the reconciliation ends it', async () => {
  await using t = await open();
  const task = newTask();
  await t.store.create(task);
  // as a process leaves it that is killed between the two steps of a removal
  await rename(t.store.paths(task.task_id).folder, join(t.dataDir, `.removed-${task.task_id}-abcd`));
  expect(await t.store.list()).toEqual([]);
  await expect(t.store.read(task.task_id)).rejects.toMatchObject({ code: 'not_found' });
  const queue = { taskIds: async () => new Set() } as unknown as TaskQueue; // nothing is open, so nothing else is asked
  const report = await reconcile({ tasks: t.store, queue, clock: Date.now });
  expect(report.removals).toEqual([`.removed-${task.task_id}-abcd`]);
  expect(await readdir(t.dataDir)).toEqual([]);
});

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
    await using t = await open();
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
    await using t = await open();
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

describe('listing', () => {
  test('is newest first, by state, pool and overlapping targets', async () => {
    await using t = await open();
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
    await using t = await open();
    await mkdir(join(t.dataDir, 'lost+found'));
    await writeFile(join(t.dataDir, '.queue.db'), '');
    await symlink('/etc', join(t.dataDir, 'ne_scan_20260101_000000_aa'));
    expect(await t.store.list()).toEqual([]);
  });

  test('of a folder that is not there yet is empty', async () => {
    expect(await createTaskStore({ dataDir: '/nowhere/at/all' }).list()).toEqual([]);
  });
});

describe('results', () => {
  test('appear whole', async () => {
    await using t = await open();
    const task = newTask();
    await t.store.create(task);
    expect(await t.store.saveResults(task.task_id, chunks('<a>', '</a>'))).toBe(7);
    expect(await readFile(t.store.paths(task.task_id).native, 'utf8')).toBe('<a></a>');
  });

  test('replace what a killed writer left', async () => {
    await using t = await open();
    const task = newTask();
    await t.store.create(task);
    await writeFile(`${t.store.paths(task.task_id).native}.abcd.part`, 'half');
    await t.store.saveResults(task.task_id, chunks('<a/>'));
    expect((await readdir(t.store.paths(task.task_id).folder)).sort()).toEqual([
      'scan_native.nessus',
      'task.json',
    ]);
  });

  test('of a download that broke off do not appear at all', async () => {
    await using t = await open();
    const task = newTask();
    await t.store.create(task);
    await expect(t.store.saveResults(task.task_id, chunks('<a>', new Error('reset')))).rejects.toThrow(
      'reset',
    );
    expect(await readdir(t.store.paths(task.task_id).folder)).toEqual(['task.json']);
  });

  test('on a full disk are an error that says so, and leave no half file', async () => {
    await using t = await open();
    const task = newTask();
    await t.store.create(task);
    // /dev/full is the kernel's own full disk
    const saving = t.store.saveResults(task.task_id, chunks('<a>'), {
      open: () => openFile('/dev/full', 'w'),
    });
    await expect(saving).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringMatching(/scan_native\.nessus\.\w+\.part cannot be written: the disk is full/),
    });
    expect(await readdir(t.store.paths(task.task_id).folder)).toEqual(['task.json']);
  });

  test('of an import that is refused leave nothing', async () => {
    await using t = await open();
    await expect(
      t.store.importResults(newTaskId('nessus'), chunks('x'), () => Promise.reject(new Error('damaged'))),
    ).rejects.toThrow('damaged');
    expect(await readdir(t.dataDir)).toEqual([]);
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
    await using t = await open();
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
      await expect(t.store.change(task.task_id, 1, (before) => before)).rejects.toMatchObject(refused);
      await expect(t.store.saveResults(task.task_id, chunks('x'))).rejects.toMatchObject(refused);
      expect(await t.store.read(task.task_id)).toMatchObject({ task_id: task.task_id });
    });
    await chmod(t.dataDir, 0o755);
    await chmod(t.store.paths(task.task_id).folder, 0o755);
  });

  test('with a task of somebody else lists the others, and says what is wrong with that one', async () => {
    await using t = await open();
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
