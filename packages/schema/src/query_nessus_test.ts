import { describe, expect, test } from 'vitest';
import {
  compileFilters,
  type Finding,
  type FindingsQuery,
  pageOf,
  queryNessus,
  queryNessusBytes,
} from './mod.ts';

const items = Array.from(
  { length: 25 },
  (_, i) =>
    `<ReportItem port="${i}" svc_name="www" protocol="tcp" severity="${i % 5}" pluginID="${100 + i}" pluginName="Plugin ${i}" pluginFamily="F"><cvss3_base_score>${(i % 10).toFixed(1)}</cvss3_base_score><cve>CVE-2021-${i}</cve><exploit_available>${i % 2 === 0}</exploit_available></ReportItem>`,
);
const XML = `<NessusClientData_v2><Policy><policyName>Basic</policyName></Policy><Report name="Weekly"><ReportHost name="10.0.0.1">${items.join('')}</ReportHost></Report></NessusClientData_v2>`;

async function query(q: FindingsQuery): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  for await (const line of queryNessus(() => new Blob([XML]).stream(), q)) lines.push(JSON.parse(line));
  return lines;
}

describe('JSON-NL', () => {
  test('has a field once that was asked for twice, on a page as in the whole', async () => {
    const linesOf = async (page: number): Promise<string[]> => {
      const lines: string[] = [];
      const customFields = ['host', 'plugin_id', 'host', 'credentialed', 'credentialed'];
      for await (const line of queryNessus(() => new Blob([XML]).stream(), { customFields, page }))
        lines.push(line);
      return lines.filter((line) => line.includes('vulnerability"'));
    };
    const whole = await linesOf(0);
    expect(whole[0]).toBe(
      '{"type":"vulnerability","host":"10.0.0.1","plugin_id":"100","credentialed":"none"}',
    );
    expect(whole).toEqual(await linesOf(1));
  });

  test('is schema, scan_metadata, findings, pagination', async () => {
    const lines = await query({ page: 2, pageSize: 10 });
    expect(lines.map((line) => line.type)).toEqual([
      'schema',
      'scan_metadata',
      ...Array(10).fill('vulnerability'),
      'pagination',
    ]);
    expect(lines[0]).toEqual({
      type: 'schema',
      profile: 'brief',
      total_vulnerabilities: 25,
      total_pages: 3,
      filters_applied: {},
      fields: [
        'host',
        'plugin_id',
        'severity',
        'cve',
        'cvss_score',
        'exploit_available',
        'plugin_name',
        'cvss3_base_score',
        'synopsis',
        'description',
        'solution',
      ],
    });
    expect(lines[1]).toMatchObject({ scan_name: 'Weekly', policy_name: 'Basic' });
    expect(lines[2]).toEqual({
      type: 'vulnerability',
      host: '10.0.0.1',
      plugin_id: '110',
      severity: '0',
      cve: ['CVE-2021-10'],
      cvss_score: 0,
      exploit_available: true,
      plugin_name: 'Plugin 10',
      cvss3_base_score: 0,
    });
    expect(lines.at(-1)).toEqual({
      type: 'pagination',
      page: 2,
      page_size: 10,
      total_pages: 3,
      has_next: true,
      next_page: 3,
    });
  });

  test('of everything has no pagination line', async () => {
    const lines = await query({ page: 0, profile: 'full' });
    expect(lines).toHaveLength(27);
    expect(lines[0]).toMatchObject({ fields: 'all', profile: 'full' });
    expect(lines.at(-1)).toMatchObject({ type: 'vulnerability', port: '24' });
  });

  test('in bytes is the same', async () => {
    for (const q of [
      { page: 0, profile: 'full' },
      { page: 1 },
      { page: 0, filters: { severity: '>=2' }, sort: ['-severity'] },
    ]) {
      let bytes = '';
      for await (const block of queryNessusBytes(() => new Blob([XML]).stream(), q))
        bytes += new TextDecoder().decode(block);
      expect(
        bytes
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toEqual(await query(q));
      expect(bytes.endsWith('\n')).toBe(true);
    }
  });

  test('of a page beyond the end has no findings and says so', async () => {
    const lines = await query({ page: 9, pageSize: 10 });
    expect(lines.map((line) => line.type)).toEqual(['schema', 'scan_metadata', 'pagination']);
    expect(lines[2]).toMatchObject({
      has_next: false,
      next_page: null,
      error: expect.stringContaining('the last page is 3'),
    });
  });

  test('page sizes are clamped to 10-100', () => {
    expect([1, 40, 5000].map((size) => pageOf(1000, 1, size).page_size)).toEqual([10, 40, 100]);
  });

  test('a filter on a field outside of the profile counts', async () => {
    const lines = await query({ profile: 'minimal', filters: { port: '>=20' } });
    expect(lines[0]).toMatchObject({ total_vulnerabilities: 5 });
  });

  test.each([
    [{ profile: 'huge' }, /schema_profile "huge" is unknown; expected one of minimal, summary, brief, full/],
    [{ profile: 'full', customFields: ['host'] }, /are mutually exclusive/],
    [{ customFields: ['hots'] }, /custom_fields: the field "hots" is unknown; did you mean "host"/],
    [{ filters: { severty: '>1' } }, /filters: the field "severty" is unknown; did you mean "severity"/],
    [{ filters: { severity: '>urgent' } }, /filters: severity: ">urgent" is not a severity/],
    [{ filters: { cvss_score: '>high' } }, /filters: cvss_score: ">high" is not an operator and a number/],
    [{ filters: { severity: '=>3' } }, /filters: severity: "=>3"/],
    [{ page: -1 }, /page -1 is not a page number/],
    [{ page: 1.5 }, /page 1.5 is not a page number/],
  ])('%j is refused before the first line', async (q, why) => {
    await expect(query(q)).rejects.toThrow(why);
  });
});

describe('filters', () => {
  const finding = {
    type: 'vulnerability',
    host: 'Web01',
    host_ip: '192.0.2.7',
    host_fqdn: ['a.example.org', 'b.example.org'],
    os: 'Linux Kernel 6.1 on Debian 12',
    port: '443',
    protocol: 'tcp',
    severity: '3',
    cvss3_base_score: 7.5,
    cve: ['CVE-2021-44228', 'CVE-2019-1'],
    exploit_available: true,
    risk_factor: null,
  } as unknown as Finding;
  test.each([
    [{ host: 'web' }, true],
    [{ host: 'db' }, false],
    [{ severity: '>=3' }, true],
    [{ severity: '>3' }, false],
    [{ severity: '=3' }, true],
    [{ severity: 3 }, true],
    [{ severity: 'high' }, true],
    [{ severity: '>=critical' }, false],
    [{ host: '192.0.2.0/24' }, true],
    [{ host: { cidr: '192.0.3.0/24' } }, false],
    [{ not: { host: '192.0.2.7' } }, false],
    [{ port: '443/tcp' }, true],
    [{ port: '443/udp' }, false],
    [{ os: 'debian' }, true],
    [{ host_fqdn: 'B.example' }, true],
    [{ cvss3_base_score: '>7.0' }, true],
    [{ cvss3_base_score: '<=7.4' }, false],
    [{ cve: '2021' }, true],
    [{ cve: '2020' }, false],
    [{ exploit_available: true }, true],
    [{ exploit_available: false }, false],
    [{ risk_factor: 'x' }, false],
    [{ solution: 'x' }, false],
    [{ host: '<1' }, false],
    [{ severity: '>=3', cve: '2021', host: 'WEB' }, true],
    [{ severity: '>=3', cve: '2020' }, false],
  ] as const)('%j: %s', (filters, expected) => {
    expect(compileFilters(filters).matches(finding)).toBe(expected);
  });
});

test.each([
  { findings: 10, readings: 1 },
  { findings: 2000, readings: 2 },
])(
  'a document of $findings long findings is read $readings times, and all of it is told',
  async ({ findings, readings }) => {
    const item = (number: number): string =>
      `<ReportItem port="${number}" protocol="tcp" severity="1" pluginID="1"><plugin_output>${'x'.repeat(2000)}</plugin_output></ReportItem>`;
    const xml = `<NessusClientData_v2><Report name="r"><ReportHost name="a">${Array.from({ length: findings }, (_, number) => item(number)).join('')}</ReportHost></Report></NessusClientData_v2>`;
    let opened = 0;
    const open = (): Iterable<Uint8Array> => {
      opened++;
      return [new TextEncoder().encode(xml)];
    };
    const ports: unknown[] = [];
    for await (const line of queryNessus(open, { profile: 'full', page: 0 }))
      if (line.startsWith('{"type":"vulnerability"')) ports.push(JSON.parse(line).port);
    expect(ports).toEqual(Array.from({ length: findings }, (_, number) => String(number)));
    expect(opened).toBe(readings);
  },
);

test('what is no filters is refused, also where nothing would be filtered', async () => {
  for (const filters of [[], ''])
    await expect(query({ filters: filters as never })).rejects.toThrow(/expected an object/); // as from JavaScript
});
