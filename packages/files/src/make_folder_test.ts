import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { makeFolder } from './make_folder.ts';

test('a folder is made with those above it, once', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'a/b/c');
  expect([await makeFolder(path, 0o700), await makeFolder(path)]).toEqual([true, false]);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test('where there is a file it fails', async () => {
  await using folder = await tempFolder();
  await writeFile(join(folder.path, 'file'), '');
  await expect(makeFolder(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder.path, 'file/b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test.runIf(process.platform === 'linux')('in /proc it fails, and ends', async () => {
  await expect(makeFolder('/proc/nowhere/a')).rejects.toMatchObject({ code: 'ENOENT' });
});
