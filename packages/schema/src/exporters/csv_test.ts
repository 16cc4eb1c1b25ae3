import { expect, test } from 'vitest';
import { EVERYTHING, exported, host, item, parseCsv, report } from './exporters_test_documents.ts';

const TITLES =
  'Plugin ID|CVE|CVSS v2.0 Base Score|Risk|Host|Protocol|Port|Name|Synopsis|Description|Solution|See Also|Plugin Output|STIG Severity|CVSS v4.0 Base Score|CVSS v4.0 Base+Threat Score|CVSS v3.0 Base Score|CVSS v3.0 Temporal Score|CVSS v2.0 Temporal Score|VPR Score|EPSS Score|Risk Factor|BID|XREF|MSKB|Plugin Publication Date|Plugin Modification Date|Metasploit|Core Impact|CANVAS'.split(
    '|',
  );

/** Rows as objects by their titles. */
async function rowsOf(...args: Parameters<typeof exported> extends [unknown, ...infer R] ? R : never) {
  const [titles = [], ...rows] = parseCsv(await exported('csv', ...args));
  return rows.map((row) => Object.fromEntries(row.map((cell, index) => [titles[index] ?? '', cell])));
}

test('has the thirty columns of Nessus, a row for each CVE, and numbers as they are written', async () => {
  const [titles, ...rows] = parseCsv(await exported('csv', EVERYTHING));
  expect(titles).toEqual(TITLES);
  expect(rows.map((row) => row.slice(0, 7).join(' '))).toEqual([
    '1 CVE-2021-11111 10.0 Critical web-01 tcp 443',
    '1 CVE-2021-22222 10.0 Critical web-01 tcp 443',
    '2   None web-01 tcp 443',
    '3   Medium web-01 tcp 443',
    '3   Medium web-01 tcp 443',
    '21157   FAILED web-01 tcp 0',
    '21157   PASSED web-01 tcp 0',
    '21157   WARNING web-01 tcp 0',
    '21157   ERROR web-01 tcp 0',
    '1 CVE-2021-11111 10.0 Critical 192.0.2.8 tcp 443',
    '1 CVE-2021-22222 10.0 Critical 192.0.2.8 tcp 443',
  ]);
  expect(rows[0]?.slice(13, 25)).toEqual([
    'I',
    '9.3',
    '8.9',
    '9.8',
    '8.5',
    '',
    '9.6',
    '0.9436',
    'Critical',
    '7\n8',
    'CWE:79\nCISA-KNOWN-EXPLOITED:2024/02/03',
    '5001',
  ]);
  expect(rows.map((row) => row[12])).toContain('found 2');
});

test('says of a compliance check its name, result, values and references', async () => {
  const rows = await rowsOf(EVERYTHING);
  expect(rows[5]).toMatchObject({
    Name: '1.1 Root login off',
    Risk: 'FAILED',
    Solution: 'Set 11',
    'Plugin Output': 'Policy value:\nwants 11\n\nActual value:\nhas 11',
    XREF: '800-53|AC-11\nCAT|I\nCCI|CCI-0011\nVuln-ID|V-11\nRule-ID|SV-11_rule\nSTIG-ID|OS-11',
  });
});

test('has the host behind its columns, or the fields that are asked for', async () => {
  const [first] = await rowsOf(EVERYTHING, { hosts: true });
  expect(first).toMatchObject({
    'Host IP': '192.0.2.7',
    FQDN: 'a.example.org\nb.example.org',
    NetBIOS: 'WORK\\WEB01',
    OS: 'Microsoft Windows Server 2022',
    Credentialed: 'success',
    'Host End': '2023-11-14T22:23:20.000Z',
  });
  const rows = parseCsv(await exported('csv', EVERYTHING, { fields: ['host', 'cvss_base_score', 'cve'] }));
  expect(rows.slice(0, 2)).toEqual([
    ['host', 'cvss_base_score', 'cve'],
    ['web-01', '10.0', 'CVE-2021-11111\nCVE-2021-22222'],
  ]);
});

test('says what a finding says now, where it was changed since it was read', async () => {
  const { exportCsv, readFindings } = await import('../mod.ts');
  async function* changed() {
    for await (const batch of readFindings(new Blob([EVERYTHING]).stream())) {
      for (const event of batch)
        if (event.type === 'finding') event.finding.synopsis = `of ${event.finding.host}`;
      yield batch;
    }
  }
  let text = '';
  for await (const piece of exportCsv(changed(), { fields: ['synopsis', 'plugin_id'] })) text += piece;
  expect(
    parseCsv(text)
      .filter(([, id]) => id === '1')
      .map(([synopsis]) => synopsis),
  ).toEqual(['of web-01', 'of 192.0.2.8']);
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
])('%j cannot be run, whatever the separator', async (text, cell) => {
  const xml = report(host('h', {}, item(1, 4, `<solution>${text.replaceAll('"', '&quot;')}</solution>`)));
  const [row] = await rowsOf(xml);
  expect(row?.Solution?.replace(/^''/, "'")).toBe(cell);
});
