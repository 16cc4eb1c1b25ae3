import { expect, test } from 'vitest';
import { documentsIn } from '../inputs/documents_in.ts';
import { type ByteSource, convertNessus, readFindings } from '../mod.ts';

const encoder = new TextEncoder();

/** What a source gives that has one buffer, and fills it anew for each chunk. */
async function* reusing(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(length);
  for (let start = 0; start < bytes.length; start += length) {
    const part = bytes.subarray(start, start + length);
    buffer.fill(0x3f).set(part);
    yield buffer.subarray(0, part.length);
  }
}

async function linesOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of convertNessus(source)) pieces.push(piece);
  return await new Blob(pieces as BlobPart[]).text();
}

async function faultIn(source: ByteSource): Promise<unknown> {
  try {
    for await (const _ of readFindings(source));
  } catch (error) {
    return error;
  }
  return undefined;
}

const items = Array.from(
  { length: 600 },
  (_, index) =>
    `<ReportItem port="${index % 7}" svc_name="ü" protocol="tcp" severity="1" pluginID="${index % 20}" pluginName="“n” 😀" pluginFamily="f">\n<synopsis>ä ${index % 20}</synopsis>\n<plugin_output>on ${index} ✓</plugin_output>\n</ReportItem>\n`,
);
const document = `<?xml version="1.0" ?>\n<NessusClientData_v2><Report name="r"><ReportHost name="h">${items.join('')}</ReportHost></Report></NessusClientData_v2>`;

test.each([1, 3, 100, 127, 128, 1000, 70_000])(
  'a source may fill a chunk of %i bytes anew once the next is asked for',
  async (length) => {
    const bytes = encoder.encode(document);
    const whole = await linesOf(new Blob([bytes]).stream());
    expect(whole.length).toBeGreaterThan(100_000); // lines that are handed on together have more room than they take
    const lines = whole.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).plugin_output)).toEqual(
      items.map((_, index) => `on ${index} ✓`),
    );
    expect(await linesOf(reusing(bytes, length))).toBe(whole);
  },
);

test.each([5, 128, 1000, 70_000])('a fault is told at its byte, with chunks of %i bytes', async (length) => {
  const start = document.slice(0, document.indexOf('<plugin_output>on 150'));
  const damaged = encoder.encode(`${start}<synopsis>ä &nosuch; </synopsis>${'é'.repeat(70_000)}`);
  const expected = await faultIn(new Blob([damaged]).stream());
  expect(expected).toMatchObject({ offset: encoder.encode(start).length + '<synopsis>'.length });
  expect(await faultIn(reusing(damaged, length))).toEqual(expected);
});

test.each([
  ['a byte that begins what does not follow', [0xe2]],
  ['two of them', [0xe2, 0x82]],
  ['bytes that are none', [0xff, 0xc0]],
  ['characters of two, three and four bytes', [...encoder.encode('é✓😀')]],
  ['all of that', [0xf0, 0x9f, ...encoder.encode('é😀'), 0xe2, 0x82]],
])('a fault behind %s is told at its byte', async (_, bytes) => {
  const [start, end] = ['<NessusClientData_v2><Report name="r"><a>', '</b>'];
  const damaged = new Uint8Array([...encoder.encode(start), ...bytes, ...encoder.encode(end)]);
  const offset = start.length + bytes.length;
  expect(await faultIn(new Blob([damaged]).stream())).toMatchObject({ offset });
});

test('packed documents are unpacked from such a source', async () => {
  const packed = new Blob([document]).stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const stored = {
    size: bytes.length,
    stream: (start = 0, end = bytes.length) => reusing(bytes.subarray(start, end), 16),
  };
  const [found] = await documentsIn('a.nessus.gz', stored);
  expect(await linesOf(await (found?.open() as AsyncIterable<Uint8Array>))).toBe(
    await linesOf(new Blob([encoder.encode(document)]).stream()),
  );
});
