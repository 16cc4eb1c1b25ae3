import { linkSync, readdirSync, writeFileSync } from 'node:fs';
import { canStopProcesses, startProcess, tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { VersionFolder } from './mod.ts';

const cwd = new URL('..', import.meta.url);

async function versions(): Promise<AsyncDisposable & { path: string; folder: VersionFolder }> {
  const temp = await tempFolder();
  const path = `${temp.path}/v`;
  return { path, folder: new VersionFolder(path), [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() };
}

/** Adds a name to a list until it sees it there. */
const ADD = (path: string, name: string): string => `
  import { VersionFolder } from '@nmcp/files';
  const folder = new VersionFolder(${JSON.stringify(path)});
  while (true) {
    const last = await folder.readLast();
    const names = last ? last.text.split(',') : [];
    if (names.includes(${JSON.stringify(name)})) break;
    if (await folder.commit((last?.number ?? 0) + 1, [...names, ${JSON.stringify(name)}].join(','))) break;
  }`;

describe('versions', () => {
  test('are committed by one of several each, and only few are kept', async () => {
    await using t = await versions();
    expect(await t.folder.readLast()).toBeUndefined();
    for (let number = 1; number <= 20; number++) {
      const all = await Promise.all(
        Array.from({ length: 5 }, (_, i) => new VersionFolder(t.path).commit(number, `${number} by ${i}`)),
      );
      expect(all.filter(Boolean)).toHaveLength(1);
      const { text } = (await t.folder.readLast()) ?? {};
      expect(text).toBe(`${number} by ${all.indexOf(true)}`);
    }
    expect(readdirSync(t.path).sort()).toEqual(['17', '18', '19', '20']);
  });

  test('whose name was removed can be taken by who comes late, and changes nothing', async () => {
    await using t = await versions();
    for (let number = 1; number <= 9; number++) await t.folder.commit(number, String(number));
    expect(await t.folder.commit(2, 'late')).toBe(false);
    expect(await t.folder.readLast()).toMatchObject({ number: 9, text: '9' });
    await t.folder.commit(10, '10');
    expect(readdirSync(t.path).sort()).toEqual(['10', '7', '8', '9']);
  });

  test('are those files only that are named so; what killed writers left goes', async () => {
    await using t = await versions();
    await t.folder.commit(1, '1');
    for (const name of ['1.ab12.part', '9.ab12.part', '007', 'x', '-3', '1e9'])
      writeFileSync(`${t.path}/${name}`, '');
    for (let number = 2; number <= 6; number++) expect(await t.folder.commit(number, 't')).toBe(true);
    expect(readdirSync(t.path).sort()).toEqual(['-3', '007', '1e9', '3', '4', '5', '6', '9.ab12.part', 'x']);
  });

  test('one that others have followed before its writer has looked is decided again', async () => {
    await using t = await versions();
    await t.folder.commit(1, '1');
    linkSync(`${t.path}/1`, `${t.path}/3`);
    expect(await t.folder.commit(2, '2')).toBe(false);
  });
});

describe.skipIf(!canStopProcesses)('a process that stops', () => {
  test('at any of its steps keeps nobody waiting, and its change and theirs are all there', async () => {
    let hasStopped = true;
    for (let stopAt = 1; hasStopped; stopAt++) {
      await using t = await versions();
      for (const [i, text] of ['a', 'a,b', 'a,b,c'].entries()) await t.folder.commit(i + 1, text);
      const slow = startProcess(ADD(t.path, 'slow'), { cwd, stopAt });
      hasStopped = await slow.stopped;
      const others = ['d', 'e', 'f', 'g', 'h', 'i'];
      for (const name of others) {
        const last = await t.folder.readLast();
        const names = last?.text.split(',') ?? [];
        expect(await t.folder.commit((last?.number ?? 0) + 1, [...names, name].join(','))).toBe(true);
      }
      slow.resume();
      await slow.ended;
      const names = (await t.folder.readLast())?.text.split(',') ?? [];
      expect(names.toSorted()).toEqual(['a', 'b', 'c', ...others, 'slow'].toSorted());
      expect(stopAt).toBeLessThan(100);
    }
  });
});
