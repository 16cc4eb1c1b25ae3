import { expect, test } from 'vitest';
import { check, EVERYTHING, exported, HOSTILE, host, item, report } from '../exporters_test_documents.ts';
import { ocsfFaults } from './ocsf_test_check.ts';

// biome-ignore lint/suspicious/noExplicitAny: events of three classes, whose members are looked at one by one
type Event = any;

async function eventsOf(xml: string): Promise<Event[]> {
  const lines = (await exported('ocsf', xml, { time: 1_000 })).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

test.each([
  ['everything', EVERYTHING],
  ['hostile text', HOSTILE],
  [
    'empty elements',
    report(
      host(
        'h',
        {},
        item(
          1,
          2,
          '<cve></cve><cvss3_vector/><cvss3_base_score></cvss3_base_score><xref></xref><cpe/><solution/>',
        ),
      ),
    ),
  ],
  ['an item without anything', report(host('', {}, '<ReportItem/>'))],
  [
    'odd addresses',
    report(host('fe80::1', { 'mac-address': 'none', 'host-fqdn': '-bad-' }, item(1, 2, '<cwe>79</cwe>'))),
  ],
])('is valid in OCSF 1.3: %s', async (_name, xml) => {
  const events = await eventsOf(xml);
  expect(events.length).toBeGreaterThan(0);
  expect(events.flatMap(ocsfFaults)).toEqual([]);
});

test('a finding with CVE numbers is a vulnerability finding with scores, EPSS, CWE, CPE, KEV and times', async () => {
  const [event] = await eventsOf(EVERYTHING);
  expect(event).toMatchObject({
    class_uid: 2002,
    severity_id: 5,
    time: 1_700_000_600_000,
    start_time: 1_700_000_000_000,
    device: {
      type_id: 1,
      ip: '192.0.2.7',
      hostname: 'a.example.org',
      mac: '00:00:5E:00:53:01',
      os: { type_id: 100 },
    },
    resources: [{ data: { netbios: 'WORK\\WEB01', credentialed: 'success' } }],
  });
  expect(event.vulnerabilities).toHaveLength(2);
  expect(event.vulnerabilities[0]).toMatchObject({
    is_exploit_available: true,
    cwe: { uid: 'CWE-787' },
    references: ['https://example.org/a', 'https://example.org/b'],
    affected_packages: [{ name: 'thing', version: '1.2', vendor_name: 'maker' }],
    remediation: { kb_article_list: [{ uid: 'KB5001' }] },
    cve: {
      uid: 'CVE-2021-11111',
      created_time: Date.UTC(2021, 2, 14),
      epss: { score: '0.9436' },
      product: { cpe_name: 'cpe:/a:maker:thing:1.2' },
      cvss: [
        { version: '4.0', base_score: 9.3, overall_score: 8.9 },
        {
          version: '3.1',
          base_score: 9.8,
          overall_score: 8.5,
          vector_string: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
        },
        { version: '2.0', base_score: 10, vector_string: 'AV:N/AC:L/Au:N/C:C/I:C/A:C' },
      ],
    },
  });
  expect(event.enrichments).toMatchObject([
    { name: 'vpr', value: '9.6' },
    { name: 'cisa_known_exploited', value: '2024/02/03' },
  ]);
});

test('a finding without CVE and CWE keeps its scores, and two of one plugin on one port have two identities', async () => {
  const events = (await eventsOf(EVERYTHING)).filter((event) => event.unmapped.plugin_id === '3');
  expect(events).toMatchObject([
    {
      class_uid: 2004,
      enrichments: [{ name: 'cvss_3.0', value: '6.5', data: { vector_string: 'CVSS:3.0/AV:N' } }],
    },
    { class_uid: 2004, evidences: [{ dst_endpoint: { port: 443 }, data: { plugin_output: 'service B' } }] },
  ]);
  expect(new Set(events.map((event) => event.finding_info.uid)).size).toBe(2);
});

test('a weakness alone is a vulnerability', async () => {
  const [event] = await eventsOf(report(host('h', {}, item(1, 2, '<xref>CWE:79</xref>'))));
  expect(event).toMatchObject({ class_uid: 2002, vulnerabilities: [{ cwe: { uid: 'CWE-79' } }] });
});

test('a check is a compliance finding of its own', async () => {
  const events = (await eventsOf(EVERYTHING)).filter((event) => event.class_uid === 2003);
  expect(events.map((event) => [event.finding_info.title, event.compliance.status_code])).toEqual([
    ['1.1 Root login off', 'FAILED'],
    ['1.2 Banner set', 'PASSED'],
    ['1.3 Review rules', 'WARNING'],
    ['1.4 Unreadable', 'ERROR'],
  ]);
  expect(new Set(events.map((event) => event.finding_info.uid)).size).toBe(4);
  expect(events[0].compliance).toMatchObject({
    control: '1.1 Root login off',
    status_id: 3,
    status_detail: 'Policy value: wants 11\nActual value: has 11',
    standards: ['800-53', 'CAT', 'CCI', 'Vuln-ID', 'Rule-ID', 'STIG-ID'],
  });
});

test('the time is the end of the scan of the host, also where it is only a text, or else what is given', async () => {
  const texts = { HOST_START: 'Tue Nov 14 22:13:20 2023', HOST_END: 'Tue Nov 14 22:23:20 2023' };
  const [event] = await eventsOf(report(host('h', texts, item(1, 0, ''))));
  expect(event.time).toBe(1_700_000_600_000);
  const [other] = await eventsOf(report(host('h', {}, check('1', 'n', 'PASSED', 0))));
  expect(other.time).toBe(1_000);
});
