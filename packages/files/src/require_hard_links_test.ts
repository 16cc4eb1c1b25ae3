import { readdir } from 'node:fs/promises';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { requireHardLinks } from './mod.ts';

test('a file system without hard links is refused at the start, with what to do', async () => {
  await using folder = await tempFolder();
  const makeLink = (): Promise<never> => Promise.reject(Object.assign(new Error('no'), { code: 'EPERM' }));
  await expect(requireHardLinks(folder.path, { makeLink })).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringMatching(/^DATA_DIR .*without hard links \(EPERM\).*put it on a local disk/),
  });
  await requireHardLinks(`${folder.path}/new`);
  expect(await readdir(`${folder.path}/new`)).toEqual([]);
});
