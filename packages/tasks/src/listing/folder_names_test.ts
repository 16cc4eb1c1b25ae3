import type { Stats } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileLooks } from '@nmcp/files';
import { tempFolder } from '@nmcp/test-support';
import { afterEach, expect, test, vi } from 'vitest';
import { FolderNames } from './folder_names.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Says always what was true at its first look, as over a network. */
class OldLooks extends FileLooks {
  #first: Stats | undefined;
  override async lookAt(path: string): Promise<Stats | undefined> {
    this.#first ??= await super.lookAt(path);
    return this.#first;
  }
  override areLocal(): boolean {
    return false;
  }
}

test('names are current when they were read long enough after the last change', async () => {
  await using folder = await tempFolder();
  vi.useFakeTimers({ toFake: ['performance'] });
  const names = new FolderNames(folder.path, new FileLooks(folder.path));
  expect(await names.areCurrent()).toBe(false);
  await names.read();
  // a change now may leave the time of the folder as it is
  expect(await names.areCurrent()).toBe(false);
  vi.advanceTimersByTime(3000);
  expect((await names.read()).names).toEqual([]);
  expect(await names.areCurrent()).toBe(true);
  await writeFile(join(folder.path, 'new'), '');
  expect(await names.areCurrent()).toBe(false);
});

test('over a network they are read again, although nothing seems to have changed', async () => {
  await using folder = await tempFolder();
  vi.useFakeTimers({ toFake: ['performance'] });
  const names = new FolderNames(folder.path, new OldLooks(folder.path));
  await names.areCurrent();
  vi.advanceTimersByTime(3000);
  await names.read();
  await writeFile(join(folder.path, 'new'), '');
  expect(await names.areCurrent()).toBe(true);
  vi.advanceTimersByTime(61_000);
  expect(await names.areCurrent()).toBe(false);
});

test('a folder that is not there has none', async () => {
  const names = new FolderNames('/nowhere/at/all', new FileLooks('/nowhere/at/all'));
  expect((await names.read()).names).toEqual([]);
});
