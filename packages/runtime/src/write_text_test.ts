import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { writeToFile } from './write_text.ts';

async function* given<T>(...pieces: T[]): AsyncGenerator<T> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield piece;
  }
}

/** Bytes of which each place has its own. */
function pattern(length: number, seed: number): string {
  return Array.from({ length }, (_, index) => String.fromCharCode(97 + ((index * 7 + seed) % 26))).join('');
}

describe('writeToFile', () => {
  test('pieces of any length, texts and bytes by turns, are written in their order', async () => {
    await using folder = await tempFolder();
    const lengths = [0, 1, 262_143, 1, 262_144, 262_145, 5, 600_000, 3, 100_000, 100_000, 100_000];
    const texts = lengths.map((length, seed) => pattern(length, seed));
    const pieces = texts.map((text, index) => (index % 3 === 2 ? Buffer.from(text) : text));
    await writeToFile(join(folder.path, 'out'), given(...pieces));
    expect(readFileSync(join(folder.path, 'out'), 'utf8') === texts.join('')).toBe(true);
    expect(readdirSync(folder.path)).toEqual(['out']);
  });

  test('no character is cut where a buffer ends', async () => {
    await using folder = await tempFolder();
    for (const before of [262_141, 262_142, 262_143]) {
      const text = `${'x'.repeat(before)}😀ü✓${'y'.repeat(300_000)}😀`;
      await writeToFile(join(folder.path, 'out'), given(text, 'é'));
      expect(readFileSync(join(folder.path, 'out'), 'utf8') === `${text}é`).toBe(true);
    }
  });

  test('there is no file when the source fails, or it cannot be written', async () => {
    await using folder = await tempFolder();
    async function* failing(): AsyncGenerator<string> {
      yield 'x'.repeat(600_000);
      throw new Error('the source is damaged');
    }
    await expect(writeToFile(join(folder.path, 'out'), failing())).rejects.toThrow('the source is damaged');
    const missing = join(folder.path, 'missing', 'out');
    await expect(writeToFile(missing, given('x'))).rejects.toMatchObject({ code: 'storage' });
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
