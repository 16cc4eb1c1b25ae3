import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Finding, readNessus } from './mod.ts';
import { writtenText } from './written_text.ts';

/** Names of elements with rules of their own, and of some without. */
const NAMES = [
  '', // no name: the document is damaged
  ...['cve', 'xref', 'bid', 'synopsis', 'see_also', 'os', 'host_ip', 'item_plugin_name', '__proto__'],
  ...['plugin_name', 'severity', 'type', 'host', 'svc_name', 'attachment', 'compliance', 'description'],
  ...['cvss_score', 'cvss_base_score', 'cvss3_base_score', 'cvss4_base_score', 'exploit_available'],
  ...['cm:compliance-result', 'cm:compliance-check-name', 'cm:compliance-reference'],
];
const TEXTS = [
  ...[
    '',
    ' ',
    'text',
    'N',
    '2',
    'vulnerability',
    'h',
    'true',
    'a &amp; b',
    'two\nlines',
    'CVE-2026-1,CVE-2026-2',
  ],
  ...['7.5', '10.0', '9,8', 'PASSED', '"1.1 Root login" : [FAILED]', '&bad;', '&#60;'],
];
const FAMILIES = ['F', 'Policy Compliance'];

const element = fc.record({
  name: fc.constantFrom(...NAMES),
  text: fc.constantFrom(...TEXTS),
  times: fc.integer({ min: 1, max: 3 }),
  behind: fc.constantFrom('\n', '\n', '\n', '', '\n  '),
});
const item = fc.record({
  family: fc.constantFrom(...FAMILIES),
  more: fc.constantFrom('', '', '', ' custom="1"'),
  elements: fc.array(element, { maxLength: 6 }),
});

/** An item as it is written. */
interface Written {
  family: string;
  more: string;
  elements: readonly { name: string; text: string; times: number; behind: string }[];
}

function written({ family, more, elements }: Written, id: number): string {
  const children = elements.map(({ name, text, times, behind }) =>
    `<${name}>${text}</${name}>${behind}`.repeat(times),
  );
  const head = `port="22" svc_name="ssh" protocol="tcp" severity="2" pluginID="${id}" pluginName="N" pluginFamily="${family}"`;
  return `<ReportItem ${head}${more}>\n${children.join('')}</ReportItem>\n`;
}

/** What was read until the end or the first fault. */
async function read(items: readonly string[], limits?: { maxDepth: number }): Promise<unknown> {
  const xml = `<NessusClientData_v2><Report name="r"><ReportHost name="h">\n${items.join('')}</ReportHost></Report></NessusClientData_v2>`;
  const findings: Finding[] = [];
  let fault = '';
  try {
    for await (const batch of readNessus(new Blob([xml]).stream(), limits))
      for (const event of batch) if (event.type === 'finding') findings.push(event.finding);
  } catch (error) {
    fault = String(error);
  }
  return {
    fault,
    findings: findings.map((finding) => JSON.stringify(finding)), // also in which order the fields are
    written: findings.map((finding) => writtenText(finding, 'cvss3_base_score')),
  };
}

const HEADED = '"1.1 Root login" : [FAILED]';

test.each([
  { what: 'an element that repeats an attribute', name: 'plugin_name', texts: ['N', 'N', 'other', ' N '] },
  { what: 'a score', name: 'cvss3_base_score', texts: ['7.5', 'none', '', '10.0'] },
  { what: 'a check that only its text shows', name: 'description', texts: ['text', 'text', HEADED] },
])('texts decide where the order does not: $what', async ({ name, texts }) => {
  const items = texts.map((text) => ({
    ...{ family: 'Policy Compliance', more: '' },
    elements: [{ name, text, times: 1, behind: '\n' }],
  }));
  const documents = items.map(written);
  expect(await read(documents)).toEqual(await read(documents, { maxDepth: 64 }));
});

test('items of a known order of elements become what they become element by element', () =>
  fc.assert(
    fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 8 }), async (items) => {
      // others of the same elements: the second is read by what was learned of the first
      const documents = items.flatMap((one, index) => [written(one, index), written(one, 1000 + index)]);
      expect(await read(documents)).toEqual(await read(documents, { maxDepth: 64 }));
    }),
    { numRuns: 500 },
  ));
