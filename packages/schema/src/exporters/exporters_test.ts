import { DOMParser } from '@xmldom/xmldom';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { EXPORTERS, readNessus } from '../mod.ts';

const EVIL = '<script>alert(1)</script>"\'=cmd|calc\u001b[31m\u202eevil\u200b';
const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/\u001b/g, '');
const item = (id: number, severity: number, more: string): string =>
  `<ReportItem port="443" svc_name="www" protocol="tcp" severity="${severity}" pluginID="${id}" pluginName="${escapeXml(`P${id} ${EVIL}`)}" pluginFamily="General">${more}</ReportItem>`;
const full =
  '<cve>CVE-2021-1</cve><cve>CVE-2021-2</cve><cvss3_base_score>7.5</cvss3_base_score><cvss3_vector>CVSS:3.0/AV:N</cvss3_vector><exploit_available>true</exploit_available><synopsis>S</synopsis><description>=1+1</description><solution>Fix it</solution><see_also>https://example.org/a\nhttps://example.org/b</see_also>';
const XML = `<NessusClientData_v2><Policy><policyName>Po|licy</policyName></Policy><Report name="${escapeXml(EVIL)}"><ReportHost name="web-01"><HostProperties><tag name="HOST_END_TIMESTAMP">1700000000</tag><tag name="operating-system">${escapeXml(EVIL)}</tag></HostProperties>${item(1, 4, `${full}<plugin_output>${escapeXml(`@sum "quoted",\n${EVIL}`)}</plugin_output>`)}${item(2, 0, '')}</ReportHost><ReportHost name="10.0.0.2"><HostProperties/>${item(1, 4, full)}</ReportHost></Report></NessusClientData_v2>`;

async function run(format: keyof typeof EXPORTERS, xml = XML): Promise<string> {
  let text = '';
  for await (const piece of EXPORTERS[format](readNessus(new Blob([xml]).stream()))) text += piece;
  return text;
}

/** RFC 4180, strictly: every cell quoted, quotes doubled, rows ended by CRLF. */
function parseCsv(text: string): string[][] {
  expect(text).toMatch(/^(?:"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*\r\n)*$/);
  return [...text.matchAll(/((?:"(?:[^"]|"")*",?)+)\r\n/g)].map(([, row = '']) =>
    [...row.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell.replaceAll('""', '"')),
  );
}

test('CSV has the columns of Nessus, a row for each CVE, and no cell that a spreadsheet would run', async () => {
  const rows = parseCsv(await run('csv'));
  expect(rows[0]?.slice(0, 13)).toEqual([
    'Plugin ID',
    'CVE',
    'CVSS v2.0 Base Score',
    'Risk',
    'Host',
    'Protocol',
    'Port',
    'Name',
    'Synopsis',
    'Description',
    'Solution',
    'See Also',
    'Plugin Output',
  ]);
  expect(rows.slice(1).map((row) => row.slice(0, 5))).toEqual([
    ['1', 'CVE-2021-1', '', 'Critical', 'web-01'],
    ['1', 'CVE-2021-2', '', 'Critical', 'web-01'],
    ['2', '', '', 'None', 'web-01'],
    ['1', 'CVE-2021-1', '', 'Critical', '10.0.0.2'],
    ['1', 'CVE-2021-2', '', 'Critical', '10.0.0.2'],
  ]);
  expect(rows[1]?.[9]).toBe("'=1+1");
  expect(rows.flat().some((cell) => /^[=+\-@\t\r]/.test(cell))).toBe(false);
});

const text = v.pipe(v.string(), v.minLength(1));
const level = v.picklist(['none', 'note', 'warning', 'error']);
/** What SARIF 2.1.0 says of the members that are used; others would be refused. */
const Sarif = v.strictObject({
  $schema: text,
  version: v.literal('2.1.0'),
  runs: v.tuple([
    v.strictObject({
      columnKind: v.literal('utf16CodeUnits'),
      results: v.array(
        v.strictObject({
          ruleId: text,
          ruleIndex: v.pipe(v.number(), v.integer(), v.minValue(0)),
          level,
          message: v.strictObject({ text }),
          locations: v.array(
            v.strictObject({
              physicalLocation: v.strictObject({
                artifactLocation: v.strictObject({ uri: v.pipe(v.string(), v.regex(/^[\w.%:~-]+$/)) }),
              }),
              logicalLocations: v.array(v.strictObject({ fullyQualifiedName: text, kind: text })),
            }),
          ),
          partialFingerprints: v.record(v.string(), text),
          properties: v.record(v.string(), v.unknown()),
        }),
      ),
      tool: v.strictObject({
        driver: v.strictObject({
          name: text,
          informationUri: v.pipe(v.string(), v.url()),
          rules: v.array(
            v.strictObject({
              id: text,
              name: text,
              shortDescription: v.strictObject({ text }),
              fullDescription: v.strictObject({ text }),
              help: v.optional(v.strictObject({ text })),
              helpUri: v.optional(v.pipe(v.string(), v.url())),
              defaultConfiguration: v.strictObject({ level }),
              properties: v.strictObject({
                tags: v.array(text),
                'security-severity': v.optional(v.pipe(v.string(), v.regex(/^\d+\.\d$/))),
              }),
            }),
          ),
        }),
      }),
    }),
  ]),
});

test('SARIF has a result for each finding and a rule for each plugin', async () => {
  const [sarif] = v.parse(Sarif, JSON.parse(await run('sarif'))).runs;
  expect(sarif.results.map(({ ruleId, level: word }) => `${ruleId} ${word}`)).toEqual([
    '1 error',
    '2 none',
    '1 error',
  ]);
  expect(
    sarif.results.every(({ ruleId, ruleIndex }) => sarif.tool.driver.rules[ruleIndex]?.id === ruleId),
  ).toBe(true);
  expect(sarif.tool.driver.rules[0]).toMatchObject({
    helpUri: 'https://example.org/a',
    properties: { 'security-severity': '7.5' },
  });
});

const Ocsf = v.looseObject({
  activity_id: v.literal(1),
  category_uid: v.literal(2),
  class_uid: v.literal(2002),
  type_uid: v.literal(200_201),
  severity_id: v.picklist([1, 2, 3, 4, 5]),
  time: v.pipe(v.number(), v.integer()),
  metadata: v.looseObject({ version: text, product: v.looseObject({ name: text, vendor_name: text }) }),
  finding_info: v.looseObject({ uid: text, title: text }),
  vulnerabilities: v.pipe(
    v.array(
      v.looseObject({
        title: text,
        cve: v.optional(
          v.looseObject({
            uid: v.pipe(v.string(), v.regex(/^CVE-/)),
            cvss: v.optional(v.array(v.looseObject({ version: text, base_score: v.number() }))),
          }),
        ),
      }),
    ),
    v.minLength(1),
  ),
  resources: v.array(v.looseObject({ uid: text, name: text })),
});

test('OCSF has an event for each finding, with its CVEs and scores', async () => {
  const events = (await run('ocsf'))
    .trimEnd()
    .split('\n')
    .map((line) => v.parse(Ocsf, JSON.parse(line)));
  expect(events.map((event) => event.severity_id)).toEqual([5, 1, 5]);
  expect(events[0]).toMatchObject({
    time: 1_700_000_000_000,
    vulnerabilities: [
      {
        is_exploit_available: true,
        cve: {
          uid: 'CVE-2021-1',
          cvss: [{ version: '3.0', base_score: 7.5, vector_string: 'CVSS:3.0/AV:N' }],
        },
      },
      { cve: { uid: 'CVE-2021-2' } },
    ],
  });
});

test.each([
  ['=1+1', "'=1+1"],
  ['\uff1d1+1', "'\uff1d1+1"],
  ['\uff20sum', "'\uff20sum"],
  ['\uff0b1', "'\uff0b1"],
  ['\uff0d1', "'\uff0d1"],
  ['  =1', "'  =1"],
  ['\u3000=1', "'\u3000=1"],
  ['"=1', `'"=1`],
  ['a;=1', "a;'=1"],
  ['a; @sum', "a;' @sum"],
  ['a\n=1', "a\n'=1"],
  ['a\t+1', "a\t'+1"],
  ['a-b = c', 'a-b = c'],
  ['https://example.org/?a=b', 'https://example.org/?a=b'],
])('CSV: %j cannot be run, whatever the separator', async (text, cell) => {
  const solution = text.replaceAll('"', '&quot;');
  const xml = XML.replaceAll('<solution>Fix it</solution>', `<solution>${solution}</solution>`);
  const rows = parseCsv(await run('csv', xml));
  expect(rows[1]?.[10]?.replace(/^''/, "'")).toBe(cell);
});

test('Markdown makes no link of what a report holds', async () => {
  const xml = XML.replaceAll('web-01', 'https://evil.example www.evil.example a@evil.example');
  const text = await run('md', xml);
  expect(text).toContain('evil.example');
  expect(text).not.toMatch(/https:\/\/evil|www\.evil|a@evil/);
});

describe('HTML', () => {
  test('has a chart with a text alternative, every host and every finding, and asks nothing of anyone', async () => {
    const html = await run('html');
    expect(html).toContain('aria-label="Findings by severity: 2 critical, 0 high, 0 medium, 0 low, 1 info"');
    expect(html.match(/<details>/g)).toHaveLength(3);
    expect(html).toMatch(/<td><a href="#host-web-01">web-01<\/a><\/td><td class="n">1<\/td>/);
    expect(html).not.toMatch(/<(?:script|link|img|iframe|object)|(?:src|url)\s*[=(]/i);
    // all that is open is closed: but for the doctype and two void elements it is XML
    const xml = html.replace(/<!doctype html>/, '').replaceAll(/<meta ([^>]*)>/g, '<meta $1/>');
    expect(() =>
      new DOMParser({
        onError: (_level, message) => {
          throw new Error(message);
        },
      }).parseFromString(xml, 'application/xhtml+xml'),
    ).not.toThrow();
  });

  test('shows markup of a scanned host as text, and none of its control characters', async () => {
    const html = await run('html');
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/[\u001b\u202e\u200b]/);
  });
});

test('Markdown is a summary in which markup of a scanned host is text', async () => {
  const markdown = await run('md');
  expect(markdown).toContain('2 hosts, 3 findings, policy Po\\|licy.');
  expect(markdown).toContain('| Critical | 2 |');
  expect(markdown).toMatch(/\| web-01 \| 1 \| 0 \| 0 \| 0 \| 1 \|/);
  expect(markdown).not.toMatch(/(?<!\\)[<|]script|[\u001b\u202e\u200b]/);
});

test.each(Object.keys(EXPORTERS) as (keyof typeof EXPORTERS)[])(
  '%s of a scan without hosts is well-formed',
  async (format) => {
    const empty = await run(format, '<NessusClientData_v2><Report name="nothing"/></NessusClientData_v2>');
    if (format === 'sarif') expect(v.parse(Sarif, JSON.parse(empty)).runs[0].results).toEqual([]);
    if (format === 'csv') expect(parseCsv(empty)).toHaveLength(1);
    if (format === 'ocsf') expect(empty).toBe('');
    if (format === 'html') expect(empty).toMatch(/<\/html>\n$/);
  },
);
