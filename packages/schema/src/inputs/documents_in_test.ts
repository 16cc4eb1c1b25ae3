import { gzipSync, strToU8, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { documentsIn, ofBlob, readNessus } from '../mod.ts';

const XML =
  '<NessusClientData_v2><Report name="r"><ReportHost name="h"><ReportItem pluginID="1"/></ReportHost></Report></NessusClientData_v2>';

const stored = (bytes: Uint8Array | string) =>
  ofBlob(new Blob([typeof bytes === 'string' ? bytes : Uint8Array.from(bytes)]));

/** Findings of every document in a file, by the document's name. */
async function read(name: string, bytes: Uint8Array | string, limits = {}): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const document of await documentsIn(name, stored(bytes), limits)) {
    counts[document.name] = 0;
    for await (const batch of readNessus(await document.open()))
      counts[document.name] =
        (counts[document.name] ?? 0) + batch.filter(({ type }) => type === 'finding').length;
  }
  return counts;
}

test.each<[string, string, () => Uint8Array | string, Record<string, number>]>([
  ['itself', 'a.nessus', () => XML, { 'a.nessus': 1 }],
  ['packed with gzip', 'a.nessus.gz', () => gzipSync(strToU8(XML)), { 'a.nessus': 1 }],
  ['packed with gzip, whatever it is called', 'a.nessus', () => gzipSync(strToU8(XML)), { 'a.nessus': 1 }],
  [
    'in an archive, packed and stored',
    'a.zip',
    () =>
      zipSync({
        'x/one.nessus': strToU8(XML),
        'two.NESSUS': [strToU8(XML), { level: 0 }],
        'read.me': strToU8('no'),
      }),
    { 'a.zip/x/one.nessus': 1, 'a.zip/two.NESSUS': 1 },
  ],
])('the documents in a file: %s', async (_name, file, bytes, expected) => {
  expect(await read(file, bytes())).toEqual(expected);
});

/** The beginning of a document, and blanks without an end. */
const bomb = new Uint8Array(80_000_000).fill(32);
bomb.set(strToU8('<NessusClientData_v2>'));

describe('is refused', () => {
  test.each<[string, string, () => Uint8Array, string, RegExp]>([
    [
      'a path that climbs out',
      'a.zip',
      () => zipSync({ '../../etc/x.nessus': strToU8(XML) }),
      'invalid_input',
      /path that leads out of it, "\.\.\/\.\.\/etc\/x\.nessus"/,
    ],
    [
      'an absolute path',
      'a.zip',
      () => zipSync({ '/etc/x.nessus': strToU8(XML) }),
      'invalid_input',
      /leads out of it/,
    ],
    [
      'an archive in an archive',
      'a.zip',
      () => zipSync({ 'b.zip': zipSync({}) }),
      'invalid_input',
      /holds another archive, "b\.zip"; unpack it first/,
    ],
    [
      'an archive without a document',
      'a.zip',
      () => zipSync({ 'b.txt': strToU8('x') }),
      'invalid_input',
      /holds no \.nessus file; it holds b\.txt/,
    ],
    [
      'an archive that is cut short',
      'a.zip',
      () => zipSync({ 'a.nessus': strToU8(XML) }).subarray(0, 80),
      'damaged_document',
      /cannot be read as a ZIP archive: it is cut short/,
    ],
    [
      'a gzip that is cut short',
      'a.gz',
      () => gzipSync(strToU8(XML)).subarray(0, 60),
      'damaged_document',
      /a\.gz is cut short or damaged/,
    ],
    [
      'a member that unpacks to far too much',
      'a.zip',
      () => zipSync({ 'a.nessus': bomb }),
      'invalid_input',
      /a\.zip\/a\.nessus unpacks to more than 500 times its size/,
    ],
    [
      'a gzip that unpacks to far too much',
      'a.gz',
      () => gzipSync(bomb),
      'invalid_input',
      /unpacks to more than 500 times/,
    ],
  ])('%s', async (_name, file, make, code, message) => {
    await expect(read(file, make())).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('more than the caller allows', async () => {
    await expect(read('a.gz', gzipSync(strToU8(XML)), { maxUnpacked: 50 })).rejects.toThrow(
      /more than 50 bytes/,
    );
  });
});
