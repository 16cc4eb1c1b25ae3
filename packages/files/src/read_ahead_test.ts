import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { readAhead } from './read_ahead.ts';

const CHUNK = 393_216;

/** Bytes of which no chunk is like another. */
function patternOf(length: number): Buffer {
  return Buffer.from(
    Uint8Array.from({ length }, (_, index) => (index * 31 + Math.floor(index / CHUNK) * 13) & 255),
  );
}

async function fileOf(length: number): Promise<AsyncDisposable & { path: string; content: Buffer }> {
  const folder = await tempFolder();
  const [path, content] = [join(folder.path, 'file'), patternOf(length)];
  await writeFile(path, content);
  return { path, content, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** Its chunks, which are copied as they come. */
async function copied(reading: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reading) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

describe('readAhead', () => {
  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 5 * CHUNK + 7])(
    'a file of %i bytes is read whole',
    async (length) => {
      await using file = await fileOf(length);
      const chunks: Uint8Array[] = [];
      for await (const chunk of readAhead(file.path)) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(file.content)).toBe(true);
      expect(chunks.every(({ length: bytes }) => bytes > 0)).toBe(true);
      expect((await copied(readAhead(file.path, { reuse: true }))).equals(file.content)).toBe(true);
    },
  );

  test.each([
    [0, 10],
    [5, CHUNK + 5],
    [CHUNK - 1, 3 * CHUNK],
    [2 * CHUNK, Number.POSITIVE_INFINITY],
    [3 * CHUNK, 9 * CHUNK],
    [9 * CHUNK, 10 * CHUNK],
    [7, 7],
  ])('from byte %i to %i', async (start, end) => {
    await using file = await fileOf(3 * CHUNK + 100);
    const chunks: Uint8Array[] = [];
    for await (const chunk of readAhead(file.path, { start, end })) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(file.content.subarray(start, end))).toBe(true);
  });

  test('chunks stay what they were while later ones are read', async () => {
    await using file = await fileOf(4 * CHUNK);
    const reading = readAhead(file.path);
    const first = (await reading.next()).value as Uint8Array;
    for await (const _ of reading);
    expect(file.content.subarray(0, CHUNK).equals(first)).toBe(true);
  });

  test('a long file takes three chunks, when they may be reused', async () => {
    await using file = await fileOf(9 * CHUNK + 5);
    const buffers = new Set<ArrayBufferLike>();
    for await (const { buffer, length } of readAhead(file.path, { reuse: true }))
      if (length === CHUNK) buffers.add(buffer);
    expect(buffers.size).toBe(3);
  });

  test('a file that is not there is told at the first chunk, and no file stays open', async () => {
    await using file = await fileOf(5 * CHUNK);
    await expect(readAhead(`${file.path}.gone`).next()).rejects.toMatchObject({ code: 'ENOENT' });
    for await (const _ of readAhead(file.path)) break;
    const open = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd') : [];
    const targets = open.map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return ''; // the folder that was listed
      }
    });
    expect(targets).not.toContain(file.path);
  });

  test('a folder cannot be read', async () => {
    await using folder = await tempFolder();
    await expect(readAhead(folder.path).next()).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
