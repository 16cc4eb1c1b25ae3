import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { newTaskId, type Task, type TaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { followTask, type TaskStore } from './mod.ts';
import { chunks, failed, newTask, running } from './task_store_test_bench.ts';
import { openBackends, type TaskPlace } from './task_stores_test_bench.ts';

const BACKENDS = await openBackends();

/** Changes a task in a process of its own, while this one stands still. */
function changeElsewhere(
  { script }: TaskPlace,
  id: TaskId,
  fence: number | undefined,
  changes: object,
): void {
  const text = script(
    `await store.change('${id}', ${fence}, (before) => ({ ...before, ...${JSON.stringify(changes)} }));`,
  );
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
    cwd: new URL('..', import.meta.url),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

/** What is left of tasks: what is kept beside them begins with a dot. */
async function foldersIn({ dataDir }: TaskPlace): Promise<string[]> {
  return (await readdir(dataDir)).filter((name) => !name.startsWith('.task-'));
}

const END = {
  status: 'failed',
  completed_at: '2026-01-01T00:00:00.000Z',
  error_message: 'Canceled on request',
};

describe.each(BACKENDS)('a task in %s', (_name, make) => {
  test('is made once, and read back', async () => {
    await using place = await make();
    const [store, other] = [await place.open(), await place.open()];
    const task = newTask();
    const made = await Promise.allSettled([store.create(task), other.create(task)]);
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(store.create(task)).rejects.toMatchObject({ code: 'conflict' });
    expect(await other.read(task.task_id)).toEqual({ ...task, version: 1 });
  });

  test('changes along the state machine only', async () => {
    await using place = await make();
    const store = await place.open();
    const task = newTask();
    await store.create(task);
    await store.change(task.task_id, 1, running);
    await store.change(task.task_id, 1, failed);
    await expect(store.change(task.task_id, 1, running)).rejects.toMatchObject({
      code: 'invalid_transition',
    });
    expect(await store.read(task.task_id)).toMatchObject({ status: 'failed', version: 3, lease_fence: 1 });
  });

  test('is not written by a holder that was overtaken', async () => {
    await using place = await make();
    const [store, other] = [await place.open(), await place.open()];
    const task = newTask();
    await store.create(task);
    await store.change(task.task_id, 5, running);
    await expect(other.change(task.task_id, 4, failed)).rejects.toMatchObject({ code: 'stale_lease' });
    await expect(other.noteProgress(task.task_id, 4, { progress: 50 })).rejects.toMatchObject({
      code: 'stale_lease',
    });
    expect(await store.read(task.task_id)).toMatchObject({ status: 'running', version: 2 });
  });

  test('is changed by one of many at a time, so that no change is lost', async () => {
    await using place = await make();
    const stores = [await place.open(), await place.open(), await place.open()] as const;
    const task = newTask();
    await stores[0].create(task);
    await stores[0].change(task.task_id, 1, running);
    const add = (store: TaskStore): Promise<Task> =>
      store.change(task.task_id, 1, (before) => ({ ...before, progress: (before.progress ?? 0) + 1 }));
    await Promise.all(Array.from({ length: 30 }, (_, i) => add(stores[i % 3] ?? stores[0])));
    expect((await stores[1].read(task.task_id)).progress).toBe(30);
  });

  test('is shown with its progress, which makes no version', async () => {
    await using place = await make();
    const store = await place.open();
    const task = newTask();
    await store.create(task);
    await store.noteProgress(task.task_id, 1, { progress: 5 });
    expect((await store.read(task.task_id)).progress).toBeUndefined();
    await store.change(task.task_id, 1, running);
    await store.noteProgress(task.task_id, 1, { progress: 7 });
    expect(await store.read(task.task_id)).toMatchObject({ progress: 7, version: 2 });
  });

  test('that does not exist is not found, nor changed', async () => {
    await using place = await make();
    const store = await place.open();
    const id = newTaskId('nessus');
    const refused = { code: 'not_found', message: `Task ${id} was not found` };
    await expect(store.read(id)).rejects.toMatchObject(refused);
    await expect(store.change(id, 1, running)).rejects.toMatchObject(refused);
    const task = newTask();
    await store.create(task);
    await store.remove(task.task_id);
    await expect(store.read(task.task_id)).rejects.toMatchObject({ code: 'not_found' });
    await store.remove(task.task_id);
    expect(await store.count()).toBe(0);
  });
});

describe.each(BACKENDS)(
  'a writer that stood still between its look and its commit, in %s,',
  (_name, make) => {
    test('does not take back the end that another process has written', async () => {
      await using place = await make();
      const store = await place.open();
      const task = newTask();
      await store.create(task);
      let asked = 0;
      const begin = store.change(task.task_id, 5, (before) => {
        if (++asked === 1) changeElsewhere(place, task.task_id, undefined, END);
        return running(before);
      });
      await expect(begin).rejects.toMatchObject({ code: 'invalid_transition' });
      expect(asked).toBe(2);
      expect(await store.read(task.task_id)).toMatchObject({ status: 'failed', version: 2 });
    });

    test('is refused when a later holder has written, and sees what a person has asked for', async () => {
      await using place = await make();
      const store = await place.open();
      const { task_id } = newTask();
      await store.create(newTask('10.0.0.1', task_id));
      await store.change(task_id, 5, running);
      let overtaken = false;
      const stale = store.change(task_id, 5, (before) => {
        if (!overtaken) changeElsewhere(place, task_id, 6, { progress: 1 });
        overtaken = true;
        return failed(before);
      });
      await expect(stale).rejects.toMatchObject({ code: 'stale_lease' });
      let seen: Task['cancel'];
      await store.change(task_id, 6, (before) => {
        if (!before.cancel)
          changeElsewhere(place, task_id, undefined, { cancel: { at: 'now', by: 'alice' } });
        seen = before.cancel;
        return { ...before, attempts: 2 };
      });
      expect(seen).toEqual({ at: 'now', by: 'alice' });
      expect(await store.read(task_id)).toMatchObject({ attempts: 2, cancel: seen });
    });
  },
);

describe.each(BACKENDS)('results of a task in %s', (_name, make) => {
  test('of a holder that was overtaken, or of a task that has ended, are refused', async () => {
    await using place = await make();
    const store = await place.open();
    const { task_id } = newTask();
    await store.create(newTask('10.0.0.1', task_id));
    await store.change(task_id, 2, running);
    const stale = { code: 'stale_lease' };
    await expect(store.saveResults(task_id, chunks('<stale/>'), { fence: 1 })).rejects.toMatchObject(stale);
    expect(await store.saveResults(task_id, chunks('<a>', '</a>'), { fence: 2 })).toBe(7);
    await store.change(task_id, 2, failed);
    await expect(store.saveResults(task_id, chunks('<b/>'), { fence: 2 })).rejects.toMatchObject(stale);
    expect(await readFile(store.paths(task_id).native, 'utf8')).toBe('<a></a>');
    await store.remove(task_id);
    expect(await foldersIn(place)).toEqual([]);
  });

  test('that are imported make a task, and leave nothing where they cannot', async () => {
    await using place = await make();
    const store = await place.open();
    const refused = store.importResults(newTaskId('nessus'), chunks('x'), () =>
      Promise.reject(new Error('damaged')),
    );
    await expect(refused).rejects.toThrow('damaged');
    expect(await foldersIn(place)).toEqual([]);
    const task = newTask();
    await store.importResults(task.task_id, chunks('x'), async () => task);
    expect(await store.ids()).toEqual([task.task_id]);
    await expect(store.importResults(task.task_id, chunks('y'), async () => task)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await readFile(store.paths(task.task_id).native, 'utf8')).toBe('x');
  });
});

test.each(BACKENDS)(
  'who follows a task in %s is told of each state, whichever process changes it',
  async (_name, make) => {
    await using place = await make();
    const [store, other] = [await place.open(), await place.open()];
    const task = newTask();
    await store.create(task);
    const states: string[] = [];
    for await (const { status } of followTask(store, task.task_id)) {
      states.push(status);
      if (status === 'queued') void other.change(task.task_id, 1, running);
      if (status === 'running') void other.change(task.task_id, 1, failed);
    }
    expect(states).toEqual(['queued', 'running', 'failed']);
  },
);
