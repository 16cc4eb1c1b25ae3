import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { createVault, readKeys } from './mod.ts';

const key = (byte: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(byte);

describe('a vault', () => {
  test('opens what it has sealed, and shows nothing of it', async () => {
    const vault = await createVault([key(1)]);
    const [a, b] = [
      await vault.seal('t1', { password: 'sesame' }),
      await vault.seal('t1', { password: 'sesame' }),
    ];
    expect(a.sealed).toMatch(/^v1\.[0-9a-f]{16}\.[\w-]{16}\.[\w-]+$/);
    expect(a.sealed).not.toBe(b.sealed);
    expect(Buffer.from(a.sealed.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('sesame');
    expect(await vault.open('t1', a)).toEqual({ password: 'sesame' });
  });

  test.each([
    ["another task's", 't2', (text: string) => text],
    ['changed', 't1', (text: string) => `${text.slice(0, -3)}AAA`],
    ['cut', 't1', (text: string) => text.slice(0, -6)],
    ['of another form', 't1', () => 'v1.x'],
    ['of another version', 't1', (text: string) => text.replace('v1', 'v2')],
  ])('does not open what is %s', async (_name, task, change) => {
    const vault = await createVault([key(1)]);
    const { sealed } = await vault.seal('t1', 'x');
    await expect(vault.open(task, { sealed: change(sealed) })).rejects.toThrow(
      /were tampered with, or belong to another task/,
    );
  });

  test('opens under an old key, seals under the new one, and says which key is missing', async () => {
    const old = await createVault([key(1)]);
    const sealed = await old.seal('t', 'x');
    const both = await createVault([key(2), key(1)]);
    expect(await both.open('t', sealed)).toBe('x');
    const fresh = await both.seal('t', 'x');
    await expect(old.open('t', fresh)).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(/sealed with the key [0-9a-f]{16}, which is missing/),
    });
  });
});

describe('keys', () => {
  test('are made once, for their owner alone', async () => {
    await using folder = await tempFolder();
    const file = `${folder.path}/new/.secret_key`;
    const [first, second] = [readKeys({ file }), readKeys({ file })];
    expect(first).toEqual(second);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o640);
    expect(() => readKeys({ file })).toThrow(/can be read or changed by others \(mode 640\)/);
  });

  test('of the environment come first; a wrong one is not told', async () => {
    await using folder = await tempFolder();
    const file = `${folder.path}/.secret_key`;
    const text = Buffer.from(key(7)).toString('base64');
    expect(readKeys({ keys: ` ${text} , ${text}`, file })).toEqual([key(7), key(7)]);
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
    expect(() => readKeys({ keys: 'c2VzYW1l', file })).toThrow(/NMCP_SECRET_KEY: expected keys of 32 bytes/);
    expect(() => readKeys({ keys: 'c2VzYW1l', file })).not.toThrow(/c2VzYW1l/);
    writeFileSync(file, '', { mode: 0o600 });
    expect(() => readKeys({ file })).toThrow(/expected keys of 32 bytes/);
  });
});
