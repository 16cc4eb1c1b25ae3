import { open as openFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { newTaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { chunks, failed, newTask, openStore, running, shownFiles } from './task_store_test_bench.ts';

describe('results', () => {
  test('appear whole', async () => {
    await using t = await openStore();
    const task = newTask();
    await t.store.create(task);
    expect(await t.store.saveResults(task.task_id, chunks('<a>', '</a>'))).toBe(7);
    expect(await readFile(t.store.paths(task.task_id).native, 'utf8')).toBe('<a></a>');
  });

  test('replace what a killed writer left', async () => {
    await using t = await openStore();
    const task = newTask();
    await t.store.create(task);
    await writeFile(`${t.store.paths(task.task_id).native}.abcd.part`, 'half');
    await t.store.saveResults(task.task_id, chunks('<a/>'));
    expect(await shownFiles(t.store, task.task_id)).toEqual(['scan_native.nessus', 'task.json']);
  });

  test('of a download that broke off do not appear at all', async () => {
    await using t = await openStore();
    const task = newTask();
    await t.store.create(task);
    await expect(t.store.saveResults(task.task_id, chunks('<a>', new Error('reset')))).rejects.toThrow(
      'reset',
    );
    expect(await shownFiles(t.store, task.task_id)).toEqual(['task.json']);
  });

  test('on a full disk are an error that says so, and leave no half file', async () => {
    await using t = await openStore();
    const task = newTask();
    await t.store.create(task);
    // /dev/full is the kernel's own full disk
    const saving = t.store.saveResults(task.task_id, chunks('<a>'), {
      open: () => openFile('/dev/full', 'w'),
    });
    await expect(saving).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringMatching(
        /scan_native\.nessus\.\d+\.\w+\.part cannot be written: the disk is full/,
      ),
    });
    expect(await shownFiles(t.store, task.task_id)).toEqual(['task.json']);
  });

  test('of an import that is refused leave nothing', async () => {
    await using t = await openStore();
    await expect(
      t.store.importResults(newTaskId('nessus'), chunks('x'), () => Promise.reject(new Error('damaged'))),
    ).rejects.toThrow('damaged');
    expect(await readdir(t.dataDir)).toEqual([]);
  });

  test('of a holder that was overtaken take nothing from the rightful one', async () => {
    await using t = await openStore();
    const task = newTask();
    await t.store.create(task);
    await t.store.change(task.task_id, 1, running);
    let release = (): void => {};
    const late = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield* chunks('<ours>');
      await late;
      yield* chunks('</ours>');
    }
    await t.store.change(task.task_id, 2, (before) => ({ ...before }));
    const rightful = t.store.saveResults(task.task_id, slowly(), { fence: 2 });
    // the one that lost its lease begins again, and must not clear away what the other is writing
    await expect(t.store.saveResults(task.task_id, chunks('<stale/>'), { fence: 1 })).rejects.toMatchObject({
      code: 'stale_lease',
    });
    release();
    await rightful;
    expect(await readFile(t.store.paths(task.task_id).native, 'utf8')).toBe('<ours></ours>');
    await t.store.change(task.task_id, 2, failed);
    await expect(t.store.saveResults(task.task_id, chunks('<a/>'), { fence: 2 })).rejects.toMatchObject({
      code: 'stale_lease',
    });
  });
});
