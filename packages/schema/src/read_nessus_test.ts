import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DocumentError, type Finding, type NessusEvent, readNessus } from './mod.ts';

const HEAD =
  '<?xml version="1.0" ?>\n<NessusClientData_v2>\n<Policy><policyName>P &amp; Q</policyName></Policy>\n<Report name="r1" xmlns:cm="http://www.nessus.org/cm">\n';
const TAIL = '</Report>\n</NessusClientData_v2>\n';
const item = (attributes: string, children = ''): string =>
  `<ReportItem port="22" svc_name="ssh" protocol="tcp" severity="2" pluginID="7" pluginName="N" pluginFamily="F"${attributes}>${children}</ReportItem>`;
const host = (...items: string[]): string =>
  `<ReportHost name="h1"><HostProperties><tag name="os">linux</tag></HostProperties>${items.join('')}</ReportHost>`;
const document = (...items: string[]): string => HEAD + host(...items) + TAIL;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function read(...chunks: Uint8Array[]): Promise<{ events: NessusEvent[]; error: unknown }> {
  const events: NessusEvent[] = [];
  try {
    for await (const batch of readNessus(chunks)) events.push(...batch);
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

async function findings(text: string): Promise<Finding[]> {
  const { events, error } = await read(bytes(text));
  if (error) throw error;
  return events.flatMap((event) => (event.type === 'finding' ? [event.finding] : []));
}

describe('a document', () => {
  test('is told in its order: policy, report, host with properties, findings', async () => {
    const { events } = await read(bytes(document(item(''))));
    expect(events.map((event) => event.type)).toEqual(['policy', 'report', 'host', 'finding']);
    expect(events[0]).toMatchObject({ name: 'P & Q' });
    expect(events[2]).toMatchObject({ host: { name: 'h1', properties: { os: 'linux' } } });
  });

  test('keeps every child under its own tag: repeats as lists, cve always a list, scores as numbers', async () => {
    const [finding] = await findings(
      document(
        item(
          '',
          '<cve>CVE-1</cve><bid>1</bid><bid>2</bid><bid>3</bid><cvss_base_score>5.0</cvss_base_score><cvss3_base_score>7.5</cvss3_base_score><exploit_available>true</exploit_available><cm:compliance-result>PASSED</cm:compliance-result><age/>',
        ),
      ),
    );
    expect(finding).toEqual({
      type: 'vulnerability',
      host: 'h1',
      plugin_id: '7',
      plugin_name: 'N',
      plugin_family: 'F',
      severity: '2',
      port: '22',
      svc_name: 'ssh',
      protocol: 'tcp',
      cve: ['CVE-1'],
      bid: ['1', '2', '3'],
      cvss_base_score: 5,
      cvss3_base_score: 7.5,
      cvss_score: 7.5,
      exploit_available: true,
      'cm:compliance-result': 'PASSED',
      age: '',
    });
  });

  test.each<[string, string, object]>([
    ['says the same', '<plugin_name>N\n </plugin_name>', { plugin_name: 'N' }],
    [
      'says something else',
      '<plugin_name>dummy</plugin_name><port>99</port>',
      { plugin_name: 'N', port: '22', item_plugin_name: 'dummy', item_port: '99' },
    ],
    [
      'is called like the host',
      '<host>x</host><type>y</type>',
      { host: 'h1', type: 'vulnerability', item_host: 'x', item_type: 'y' },
    ],
  ])('an element does not take an attribute\u2019s place: one that %s', async (_name, inside, fields) => {
    const [finding] = await findings(document(item('', inside)));
    expect(finding).toMatchObject(fields);
    expect(Object.keys(finding ?? {}).filter((name) => name.startsWith('item_'))).toEqual(
      Object.keys(fields).filter((name) => name.startsWith('item_')),
    );
  });

  test('an empty element is no value', async () => {
    const [finding] = await findings(document(item('', '<cve></cve><cvss_base_score/><synopsis/>')));
    expect(finding).toMatchObject({ cve: [], cvss_base_score: null, synopsis: '' });
  });

  test('the name and type of an attachment are kept beside it', async () => {
    const attached =
      '<attachment name="a.png" type="image/png">QUJD</attachment><attachment name="b.txt" type="text/plain">SGk=</attachment>';
    const [finding] = await findings(document(item('', attached)));
    expect(finding).toMatchObject({
      attachment: ['QUJD', 'SGk='],
      attachment_name: ['a.png', 'b.txt'],
      attachment_type: ['image/png', 'text/plain'],
    });
  });

  test('may use everything that XML has', async () => {
    const text = document(
      '<!-- a > b -->',
      item(
        " extra='a &quot;b&#x27;\nc'",
        '<a><![CDATA[1 < 2 && ]] > x]]></a><b>&lt;&#65;&#x1F600;&gt;</b><?pi ?>',
      ),
    ).replace(
      '<NessusClientData_v2>',
      '<!DOCTYPE x [<!ENTITY e "boom"> <!-- ]> -->]>\n<NessusClientData_v2>',
    );
    expect((await findings(text))[0]).toMatchObject({
      extra: 'a "b\' c',
      a: '1 < 2 && ]] > x',
      b: '<A\u{1F600}>',
    });
  });

  test.each(['utf-16le', 'utf-16be'] as const)('may be %s', async (encoding) => {
    const text = document(item('', '<a>é€</a>'));
    const units = Uint8Array.from(
      [...`\ufeff${text}`].flatMap((char) => {
        const unit = char.charCodeAt(0);
        return encoding === 'utf-16le' ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255];
      }),
    );
    const { events, error } = await read(units);
    expect(error).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ finding: { a: 'é€' } });
  });

  test('reads the same however its bytes are cut', async () => {
    const whole = bytes(document(item('', '<a>é€😀 &amp; <![CDATA[x]]></a><b c="d">e</b>'), item('')));
    const expected = (await read(whole)).events;
    for (let at = 0; at <= whole.length; at++) {
      expect((await read(whole.slice(0, at), whole.slice(at))).events).toEqual(expected);
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 30 }),
        async (cuts) => {
          const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
          const chunks = at.slice(1).map((end, i) => whole.slice(at[i], end));
          expect((await read(...chunks)).events).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('what real scanners write that is not as it should be', () => {
  test('control characters in an output are kept, as text', async () => {
    expect(
      (await findings(document(item('', '<plugin_output>a\u0000b\u0007c</plugin_output>'))))[0]
        ?.plugin_output,
    ).toBe('a\u0000b\u0007c');
    expect(
      (await findings(document(item('', '<plugin_output>&#0;&#7;</plugin_output>'))))[0]?.plugin_output,
    ).toBe('\ufffd\ufffd');
  });

  test('bytes that are no UTF-8 become U+FFFD', async () => {
    const whole = bytes(document(item('', '<a>X</a>')));
    whole[new TextDecoder().decode(whole).indexOf('X')] = 0xff;
    const { events } = await read(whole);
    expect(events.at(-1)).toMatchObject({ finding: { a: '\ufffd' } });
  });

  test('an item without a plugin, and a severity that is none', async () => {
    const [finding] = await findings(document('<ReportItem port="1" severity="9"/>'));
    expect(finding).toMatchObject({ plugin_id: null, plugin_name: null, severity: '9', port: '1' });
  });

  test('a host twice, and no host at all', async () => {
    const { events } = await read(bytes(HEAD + host(item('')) + host(item('')) + TAIL));
    expect(events.filter((event) => event.type === 'finding')).toHaveLength(2);
    expect((await read(bytes(HEAD + TAIL))).events.map((event) => event.type)).toEqual(['policy', 'report']);
  });
});

describe('a damaged document', () => {
  test('gives the findings that were whole, then says where it ends', async () => {
    const text = document(item(''), item('')).slice(0, -50);
    const { events, error } = await read(bytes(text));
    expect(events.filter((event) => event.type === 'finding')).toHaveLength(1);
    expect(error).toBeInstanceOf(DocumentError);
    expect(error).toMatchObject({
      code: 'damaged_document',
      offset: text.length,
      message: expect.stringMatching(/ends early, inside .*<ReportItem>/),
    });
  });

  test.each([
    ['nothing', '', /empty/],
    ['no XML', 'hello', /not XML/],
    ['another XML', '<other></other>', /root element is <other>, expected <NessusClientData_v2>/],
    ['two roots', `${document()}<NessusClientData_v2/>`, /second root/i],
    ['text after the root', `${document()}x`, /after the root/],
    [
      'a wrong end tag',
      document('<ReportItem></ReportHost>'),
      /Expected <\/ReportItem>, found <\/ReportHost>/,
    ],
    ['a bare ampersand', document(item('', '<a>A & B</a>')), /"&" must begin a reference/],
    ['an entity of a DOCTYPE', document(item('', '<a>&boom;</a>')), /not expanded/],
    ['an attribute twice', document(item(' port="1"')), /port occurs twice/],
    ['gzip', '\u001f\u008b', /gzip/],
    [
      'billion laughs',
      document(item('', '<a>&lol9;</a>')).replace(
        '<NessusClientData_v2>',
        '<!DOCTYPE x [<!ENTITY lol "lol"><!ENTITY lol9 "&lol;&lol;&lol;">]><NessusClientData_v2>',
      ),
      /"&lol9;" is not one of .*not expanded/,
    ],
    [
      'an external entity',
      document(item('', '<a>&xxe;</a>')).replace(
        '<NessusClientData_v2>',
        '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><NessusClientData_v2>',
      ),
      /"&xxe;" is not one of .*not expanded/,
    ],
    [
      'an attribute of 10 MB',
      document(item(` x="${'a'.repeat(10_000_000)}"`)),
      /attributes of <ReportItem> are longer than 1048576/,
    ],
    [
      'a name of 5000 characters',
      document(item('', `<${'a'.repeat(5000)}/>`)),
      /element name is longer than 1024/,
    ],
    ['too deep', document(item('', '<a>'.repeat(100_000))), /nested more than 64 deep/],
  ])('%s is refused', async (_name, text, why) => {
    const input = text.startsWith('\u001f') ? Uint8Array.of(0x1f, 0x8b, 8, 0) : bytes(text);
    const { error } = await read(input);
    expect(error).toBeInstanceOf(DocumentError);
    expect((error as DocumentError).message).toMatch(why);
  });

  test('cut at 100 places gives each time the findings before the cut, and none of it half', async () => {
    const whole = bytes(
      document(
        ...Array.from({ length: 20 }, (_, i) =>
          item('', `<cve>CVE-${i}</cve><plugin_output>é ${i % 3} &amp;</plugin_output>`),
        ),
      ),
    );
    const expected = (await read(whole)).events;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 200, max: whole.length - 30 }), async (at) => {
        const { events, error } = await read(whole.slice(0, at));
        expect(error).toBeInstanceOf(DocumentError);
        expect(events).toEqual(expected.slice(0, events.length));
        const closed = new TextDecoder().decode(whole.slice(0, at)).split('</ReportItem>').length - 1;
        expect(events.filter((event) => event.type === 'finding')).toHaveLength(closed);
      }),
      { numRuns: 100 },
    );
  });

  test('names the line', async () => {
    const { error } = await read(bytes(document('\n\n<1>')));
    expect(error).toMatchObject({ line: 7 });
  });

  test('a token longer than the limit is refused, not kept', async () => {
    const run = async (): Promise<void> => {
      for await (const _ of readNessus([bytes(document(item('', `<a>${'x'.repeat(5000)}</a>`)))], {
        maxTokenLength: 1000,
      }));
      for await (const _ of readNessus([bytes(HEAD), bytes(`<a>${'x'.repeat(5000)}`)], {
        maxTokenLength: 1000,
      }));
    };
    await expect(run()).rejects.toThrow(/longer than 1000/);
  });
});
