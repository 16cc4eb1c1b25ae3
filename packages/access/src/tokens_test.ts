import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { hasScope, mayUsePool, openTokenFile, owns, type Scope, type Tokens } from './mod.ts';

async function open(): Promise<
  AsyncDisposable & { path: string; tokens: Tokens; advance(ms: number): void }
> {
  const folder = await tempFolder();
  let now = 1_800_000_000_000;
  const path = `${folder.path}/tokens.json`;
  return {
    path,
    tokens: openTokenFile(path, () => now),
    advance: (ms) => {
      now += ms;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe('a token', () => {
  test('stands for its caller, and is in no file', async () => {
    await using t = await open();
    const { token, record } = await t.tokens.create({ name: 'alice', scopes: ['scan'], pools: ['nessus'] });
    expect(token).toMatch(/^nmcp_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    expect(await t.tokens.verify(token)).toEqual({ name: 'alice', scopes: ['scan'], pools: ['nessus'] });
    const text = readFileSync(t.path, 'utf8');
    expect(text).not.toContain(token.slice(18));
    expect(JSON.stringify([record, await t.tokens.list()])).not.toMatch(/hash/);
    expect(statSync(t.path).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['another secret', (token: string) => `${token.slice(0, -2)}AA`, 'unknown'],
    ['another id', (token: string) => token.replace(/_[0-9a-f]{12}_/, '_000000000000_'), 'unknown'],
    ['a longer one', (token: string) => `${token}A`, 'malformed'],
    ['nothing', () => '', 'malformed'],
    ['a line end', (token: string) => `${token}\n`, 'malformed'],
  ])('with %s is refused', async (_name, change, refusal) => {
    await using t = await open();
    const { token } = await t.tokens.create({ name: 'alice', scopes: ['read'] });
    expect(await t.tokens.verify(change(token))).toBe(refusal);
  });

  test('expires, and is revoked at once in other processes too', async () => {
    await using t = await open();
    const short = await t.tokens.create({ name: 'a', scopes: ['read'], days: 1 });
    const long = await t.tokens.create({ name: 'b', scopes: ['read'] });
    t.advance(86_400_001);
    expect([await t.tokens.verify(short.token), typeof (await t.tokens.verify(long.token))]).toEqual([
      'expired',
      'object',
    ]);
    await openTokenFile(t.path).revoke(long.record.id);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await t.tokens.verify(long.token)).toBe('unknown');
    await expect(t.tokens.revoke(long.record.id)).rejects.toThrow(/There is no token/);
  });

  test.each([
    [{ name: 'local', scopes: ['read'] as Scope[] }, /not "local"/],
    [{ name: 'a b', scopes: ['read'] as Scope[] }, /expected letters/],
    [{ name: 'a', scopes: [] }, /expected one or more of read, scan/],
    [{ name: 'a', scopes: ['read'] as Scope[], days: 0 }, /above 0/],
  ])('that makes no sense is refused', async (content, why) => {
    await using t = await open();
    await expect(t.tokens.create(content)).rejects.toThrow(why);
    expect(await t.tokens.isEmpty()).toBe(true);
  });
});

test('tokens that are made and revoked at the same time are all there, and none comes back', async () => {
  await using t = await open();
  const old = await Promise.all(
    Array.from({ length: 8 }, (_, i) => t.tokens.create({ name: `old${i}`, scopes: ['read'] })),
  );
  const others = openTokenFile(t.path);
  await Promise.all([
    ...old.map(({ record }) => others.revoke(record.id)),
    ...Array.from({ length: 8 }, (_, i) => t.tokens.create({ name: `new${i}`, scopes: ['read'] })),
  ]);
  expect(new Set((await t.tokens.list()).map(({ name }) => name))).toEqual(
    new Set(Array.from({ length: 8 }, (_, i) => `new${i}`)),
  );
});

test('a file that others can read, or that is damaged, is refused', async () => {
  await using t = await open();
  const { token } = await t.tokens.create({ name: 'alice', scopes: ['read'] });
  chmodSync(t.path, 0o644);
  await expect(openTokenFile(t.path).verify(token)).rejects.toThrow(
    /can be read or changed by others \(mode 644\); run: chmod 600/,
  );
  writeFileSync(t.path, '{"tokens": [');
  chmodSync(t.path, 0o600);
  await expect(openTokenFile(t.path).list()).rejects.toThrow(/is not a token file/);
});

test('scopes include those before them; what belongs to nobody is the administrator’s', () => {
  const caller = (...scopes: Scope[]) => ({ name: 'a', scopes });
  expect(hasScope(caller('scan'), 'read')).toBe(true);
  expect(hasScope(caller('scan'), 'scan:credentials')).toBe(false);
  expect(hasScope(caller('admin'), 'scan:credentials')).toBe(true);
  expect(hasScope(caller(), 'read')).toBe(false);
  expect(mayUsePool({ pools: ['x'] }, 'y')).toBe(false);
  expect([owns(caller('read'), 'a'), owns(caller('read'), 'b'), owns(caller('read'), undefined)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([owns(caller('admin'), 'b'), owns(caller('admin'), undefined)]).toEqual([true, true]);
});
