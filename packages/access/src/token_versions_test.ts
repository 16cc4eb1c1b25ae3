import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { canStopProcesses, startProcess, tempFolder } from '@nmcp/test-support';
import { describe, expect, test, vi } from 'vitest';
import { openTokenFile, type Tokens } from './mod.ts';

const cwd = new URL('..', import.meta.url);

interface Opened extends AsyncDisposable {
  path: string;
  tokens: Tokens;
  /** Makes a token. @returns its id */
  make(name: string): Promise<string>;
  names(): Promise<string[]>;
}

async function opened(): Promise<Opened> {
  const folder = await tempFolder();
  const path = `${folder.path}/tokens.json`;
  const tokens = openTokenFile(path);
  return {
    path,
    tokens,
    make: async (name) => (await tokens.create({ name, scopes: ['read'] })).record.id,
    names: () => namesIn(openTokenFile(path)),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function namesIn(tokens: Tokens): Promise<string[]> {
  return (await tokens.list()).map(({ name }) => name);
}

function shownNames(path: string): string[] {
  return JSON.parse(readFileSync(path, 'utf8')).tokens.map(({ name }: { name: string }) => name);
}

/** As a version before this one wrote it. */
function writeOld(path: string, text: string, change: (tokens: { name: string }[]) => unknown[]): void {
  const { tokens } = JSON.parse(text);
  rmSync(path, { force: true });
  writeFileSync(path, JSON.stringify({ tokens: change(tokens) }), { mode: 0o600 });
}

const CREATE = (path: string): string => `
  import { openTokenFile } from '@nmcp/access';
  const { token } = await openTokenFile(${JSON.stringify(path)}).create({ name: 'slow', scopes: ['read'] });
  console.log(token);`;
const REVOKE = (path: string, id: string): string => `
  import { openTokenFile } from '@nmcp/access';
  await openTokenFile(${JSON.stringify(path)}).revoke('${id}');`;

describe.skipIf(!canStopProcesses)('a process that stops', () => {
  test('at any step of making a token loses none, and brings none back', async () => {
    let hasStopped = true;
    let steps = 0;
    for (; hasStopped; steps++) {
      await using t = await opened();
      const ids = [];
      for (const name of ['a', 'b', 'c']) ids.push(await t.make(name));
      const slow = startProcess(CREATE(t.path), { cwd, stopAt: steps + 1 });
      hasStopped = await slow.stopped;
      for (const [i, id] of ids.entries()) {
        await t.tokens.revoke(id);
        await t.make(`new${i}`);
      }
      slow.resume();
      const token = (await slow.ended).trim();
      expect((await t.names()).toSorted()).toEqual(['new0', 'new1', 'new2', 'slow']);
      expect(await openTokenFile(t.path).verify(token)).toMatchObject({ name: 'slow' });
      // also where it has shown an old version when it woke up
      await vi.waitFor(async () => expect(shownNames(t.path)).toEqual(await t.names()));
    }
    expect(steps).toBeGreaterThan(10);
  });

  test('at any step of revoking a token brings none back, and what it has revoked is at once', async () => {
    let hasStopped = true;
    for (let stopAt = 1; hasStopped; stopAt++) {
      await using t = await opened();
      const [id, other] = [await t.make('a'), await t.make('b')];
      const slow = startProcess(REVOKE(t.path, id), { cwd, stopAt });
      hasStopped = await slow.stopped;
      const isRevoked = !(await t.names()).includes('a');
      await t.tokens.revoke(other);
      for (const name of ['c', 'd', 'e', 'f']) await t.make(name);
      expect((await t.names()).includes('a')).toBe(!isRevoked);
      slow.resume();
      await slow.ended;
      expect(await t.names()).toEqual(['c', 'd', 'e', 'f']);
      expect(stopAt).toBeLessThan(100);
    }
  });
});

describe('a version', () => {
  test('that is committed and not shown counts at once, in a running server too, and is shown', async () => {
    await using t = await opened();
    const { token, record } = await t.tokens.create({ name: 'a', scopes: ['read'] });
    const before = readFileSync(t.path, 'utf8');
    expect(await t.tokens.verify(token)).toMatchObject({ name: 'a' });
    await openTokenFile(t.path).revoke(record.id);
    rmSync(t.path);
    writeFileSync(t.path, before, { mode: 0o600 }); // as if it had been stopped before it showed it
    expect(await openTokenFile(t.path).verify(token)).toBe('unknown');
    await vi.waitFor(async () => expect(await t.tokens.verify(token)).toBe('unknown'), 5000);
    await vi.waitFor(() => expect(JSON.parse(readFileSync(t.path, 'utf8')).tokens).toEqual([]));
    expect(statSync(t.path).mode & 0o777).toBe(0o600);
  });

  test('is one of few that are kept, of which others can read none', async () => {
    await using t = await opened();
    for (let i = 0; i < 9; i++) await t.make(`t${i}`);
    const folder = `${t.path}.versions`;
    expect(readdirSync(folder).sort()).toEqual(['6', '7', '8', '9']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(`${folder}/${name}`).mode & 0o777).toBe(0o600);
  });
});

describe('a file of a version before, which knows no versions', () => {
  test('is read, and written on', async () => {
    await using t = await opened();
    const { token } = await t.tokens.create({ name: 'old', scopes: ['scan'] });
    const text = readFileSync(t.path, 'utf8');
    rmSync(`${t.path}.versions`, { recursive: true });
    writeOld(t.path, text, (tokens) => tokens);
    const tokens = openTokenFile(t.path);
    expect(await tokens.verify(token)).toMatchObject({ name: 'old' });
    await tokens.create({ name: 'new', scopes: ['read'] });
    expect(await t.names()).toEqual(['old', 'new']);
    expect(JSON.parse(readFileSync(t.path, 'utf8'))).toMatchObject({ version: 1 });
  });

  test('that was written after ours counts, and what was revoked there stays so', async () => {
    await using t = await opened();
    for (const name of ['a', 'b', 'c']) await t.make(name);
    writeOld(t.path, readFileSync(t.path, 'utf8'), (tokens) => tokens.filter(({ name }) => name !== 'b'));
    expect(await t.names()).toEqual(['a', 'c']);
    const old = readFileSync(t.path, 'utf8');
    await t.make('d');
    expect(await t.names()).toEqual(['a', 'c', 'd']);
    // it was taken in: showing it again, as if our change had not been shown, changes nothing
    rmSync(t.path);
    writeFileSync(t.path, old, { mode: 0o600 });
    expect(await t.names()).toEqual(['a', 'c', 'd']);
  });
});

test('a file that was restored counts once its versions are removed, and before that does not', async () => {
  await using t = await opened();
  await t.make('a');
  const backup = readFileSync(t.path, 'utf8');
  await t.make('b');
  rmSync(t.path);
  writeFileSync(t.path, backup, { mode: 0o600 });
  expect(await t.names()).toEqual(['a', 'b']);
  rmSync(t.path);
  rmSync(`${t.path}.versions`, { recursive: true });
  writeFileSync(t.path, backup, { mode: 0o600 });
  expect(await t.names()).toEqual(['a']);
  await t.make('c');
  expect(await t.names()).toEqual(['a', 'c']);
});
