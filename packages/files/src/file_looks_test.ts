import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { FileLooks } from './file_looks.ts';

test.for(['here', 'unknown'])(
  'looks at a file, at a link itself, and at what is not there: %s',
  async (kind) => {
    await using folder = await tempFolder();
    const looks = new FileLooks(kind === 'here' ? folder.path : '/proc');
    const [file, link] = [join(folder.path, 'file'), join(folder.path, 'link')];
    await writeFile(file, 'four');
    await symlink(file, link);

    expect((await looks.lookAt(file))?.size).toBe(4);
    expect((await looks.lookAt(link))?.isSymbolicLink()).toBe(true);
    expect(await looks.lookAt(join(folder.path, 'none'))).toBeUndefined();
  },
);

test('the folder may be made later', async () => {
  await using folder = await tempFolder();
  const later = join(folder.path, 'later');
  const looks = new FileLooks(later);
  expect(await looks.lookAt(join(later, 'file'))).toBeUndefined();
  await mkdir(later);
  await writeFile(join(later, 'file'), 'four');
  expect((await looks.lookAt(join(later, 'file')))?.size).toBe(4);
});
