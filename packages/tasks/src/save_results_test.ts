import { open as openFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { newTaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { chunks, newTask, openStore } from './task_store_test_bench.ts';

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
    expect((await readdir(t.store.paths(task.task_id).folder)).sort()).toEqual([
      'scan_native.nessus',
      'task.json',
    ]);
  });

  test('of a download that broke off do not appear at all', async () => {
    await using t = await openStore();
    const task = newTask();
    await t.store.create(task);
    await expect(t.store.saveResults(task.task_id, chunks('<a>', new Error('reset')))).rejects.toThrow(
      'reset',
    );
    expect(await readdir(t.store.paths(task.task_id).folder)).toEqual(['task.json']);
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
      message: expect.stringMatching(/scan_native\.nessus\.\w+\.part cannot be written: the disk is full/),
    });
    expect(await readdir(t.store.paths(task.task_id).folder)).toEqual(['task.json']);
  });

  test('of an import that is refused leave nothing', async () => {
    await using t = await openStore();
    await expect(
      t.store.importResults(newTaskId('nessus'), chunks('x'), () => Promise.reject(new Error('damaged'))),
    ).rejects.toThrow('damaged');
    expect(await readdir(t.dataDir)).toEqual([]);
  });
});
