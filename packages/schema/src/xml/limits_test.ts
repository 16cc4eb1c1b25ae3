import { expect, test } from 'vitest';
import { readNessus } from '../read_nessus.ts';

const HEAD = '<NessusClientData_v2><Report name="r"><ReportHost name="h"><HostProperties/>';
const CHUNK = 65_536;

/** A document whose middle goes on for a gigabyte, and how much of it was asked for. */
async function pull(begin: string, unit = 'x'): Promise<{ megabytes: number; error: unknown }> {
  let chunks = 0;
  const filler = new TextEncoder().encode(unit.repeat(CHUNK / unit.length));
  async function* source(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(begin);
    for (; chunks < 16_384; chunks++) yield filler;
  }
  let error: unknown;
  try {
    for await (const _ of readNessus(source()));
  } catch (thrown) {
    error = thrown;
  }
  return { megabytes: (chunks * CHUNK) / 1_048_576, error };
}

test.each([
  ['an attribute', `${HEAD}<ReportItem pluginName="`, 1.2, /attributes of <ReportItem> are longer than/],
  [
    'an attribute of a root',
    '<NessusClientData_v2 a="',
    1.2,
    /attributes of <NessusClientData_v2> are longer/,
  ],
  ['attributes without end', `${HEAD}<ReportItem `, 1.2, /attributes of <ReportItem> are longer than/],
  ['an element name', `${HEAD}<`, 1.2, /longer than/],
  ['an end tag', `${HEAD}</ReportHost`, 1.2, /An end tag is longer than 1048576/],
  ['a DOCTYPE', '<!DOCTYPE x [', 1.2, /The DOCTYPE is longer than 1048576/],
  ['a text', `${HEAD}<ReportItem pluginID="1"><plugin_output>`, 65, /text or tag is longer than 67108864/],
  ['a CDATA section', `${HEAD}<ReportItem pluginID="1"><plugin_output><![CDATA[`, 65, /longer than 67108864/],
  ['a comment', `${HEAD}<!--`, 65, /longer than 67108864/],
  ['an instruction', '<?xml ', 65, /longer than 67108864/],
])('%s of a gigabyte is refused as it is read', async (_name, begin, most, why) => {
  const { megabytes, error } = await pull(begin);
  expect(error).toMatchObject({ message: expect.stringMatching(why) });
  expect(megabytes).toBeLessThan(most);
});

test('a text that comes in pieces is what it is whole: references, line ends and characters are not cut', async () => {
  const text = 'a&amp;b\r\nc😀&#x41;'.repeat(200_000);
  for (const cdata of [false, true]) {
    const body = cdata ? `<![CDATA[${text}]]>` : text;
    const bytes = new TextEncoder().encode(
      `${HEAD}<ReportItem pluginID="1"><plugin_output>${body}</plugin_output></ReportItem></ReportHost></Report></NessusClientData_v2>`,
    );
    const found: unknown[] = [];
    function* chunks(): Generator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007);
    }
    for await (const batch of readNessus(chunks()))
      for (const event of batch) if (event.type === 'finding') found.push(event.finding.plugin_output);
    const normal = text.replaceAll('\r\n', '\n');
    expect(found[0] === (cdata ? normal : normal.replaceAll('&amp;', '&').replaceAll('&#x41;', 'A'))).toBe(
      true,
    );
  }
});

test('a comment that does not end is no document', async () => {
  const source = [new TextEncoder().encode(`<NessusClientData_v2/><!--${'x'.repeat(3_000_000)}`)];
  await expect(
    (async () => {
      for await (const _ of readNessus(source));
    })(),
  ).rejects.toThrow(/root element/);
});
