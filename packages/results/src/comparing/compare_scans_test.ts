import { writeFile } from 'node:fs/promises';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import {
  compareScans,
  createResultsReader,
  type FindingsIndex,
  groupFindings,
  type ResultsReader,
  summarizeScan,
} from '../mod.ts';

/** A scan of `host plugin port severity` lines. */
async function scan(
  reader: ResultsReader,
  folder: string,
  name: string,
  lines: string[],
): Promise<FindingsIndex> {
  const hosts = [...new Set(lines.map((line) => line.split(' ')[0]))];
  const items = (host: string | undefined): string =>
    lines
      .filter((line) => line.startsWith(`${host} `))
      .map((line) => {
        const [, plugin, port, severity] = line.split(' ');
        const login =
          plugin === '19506'
            ? "Credentialed checks : yes, as 'x' via ssh\n"
            : plugin === '110385'
              ? 'no'
              : 'x';
        return `<ReportItem port="${port}" svc_name="s" protocol="tcp" severity="${severity}" pluginID="${plugin}" pluginName="P${plugin}" pluginFamily="F"><cve>CVE-2021-${plugin}</cve><exploit_available>${severity === '4'}</exploit_available><plugin_output>${login}</plugin_output></ReportItem>`;
      })
      .join('\n');
  const path = `${folder}/${name}.nessus`;
  const body = hosts
    .map(
      (host) =>
        `<ReportHost name="${host}"><HostProperties><tag name="operating-system">Linux\nor else</tag></HostProperties>${items(host)}</ReportHost>`,
    )
    .join('');
  await writeFile(path, `<NessusClientData_v2><Report name="${name}">${body}</Report></NessusClientData_v2>`);
  return reader.open(path);
}

test('what came, went, stayed and changed, by severity and by host', async () => {
  await using folder = await tempFolder();
  using reader = createResultsReader();
  const earlier = await scan(reader, folder.path, 'earlier', [
    'a 1 80 4',
    'a 2 80 3',
    'a 2 443 3',
    'b 1 80 4',
    'c 3 22 1',
  ]);
  const index = createResultsReader(); // findings.db stands beside one file a folder
  await using other = await tempFolder();
  const later = await scan(index, other.path, 'later', [
    'a 1 80 4',
    'a 2 80 4',
    'b 1 80 4',
    'b 5 80 2',
    'd 1 80 4',
  ]);
  const comparison = compareScans(earlier, later, { top: 3 });
  expect(comparison.new).toMatchObject({
    total: 1,
    by_severity: { critical: 0, high: 0, medium: 1, low: 0, info: 0 },
  });
  expect(comparison.new.worst.map(({ host, plugin_id }) => `${host} ${plugin_id}`)).toEqual(['b 5']);
  expect(comparison.fixed).toMatchObject({ total: 1, by_severity: { high: 1, low: 0 } });
  expect(comparison.persisting.total).toBe(3);
  expect(comparison.changed_severity).toEqual({
    total: 1,
    worst: [
      {
        host: 'a',
        plugin_id: '2',
        plugin_name: 'P2',
        port: '80',
        protocol: 'tcp',
        severity: 4,
        severity_name: 'critical',
        earlier_severity: 3,
      },
    ],
  });
  expect(comparison.hosts).toMatchObject({
    ...{ only_earlier: 1, only_later: 1, both: 2 },
    gone: { hosts: 'c', total: 1, findings: 1, by_severity: { low: 1 } },
    added: { hosts: 'd', total: 1, findings: 1, by_severity: { critical: 1 } },
  });
  expect(comparison.host_changes[0]).toEqual({ host: 'a', new: 0, fixed: 1, persisting: 2 });
  index.close();
});

test('a scan with itself has not changed', async () => {
  await using folder = await tempFolder();
  using reader = createResultsReader();
  const index = await scan(reader, folder.path, 'same', ['a 1 80 4', 'a 1 80 4', 'b 2 80 0']);
  expect(compareScans(index, index)).toMatchObject({
    new: { total: 0 },
    fixed: { total: 0 },
    persisting: { total: 2 },
    changed_severity: { total: 0 },
    notes: [expect.stringMatching(/^Both are the same scan/)],
  });
});

test('a summary has counts, the worst hosts, plugins and CVEs, and who let the scanner in', async () => {
  await using folder = await tempFolder();
  using reader = createResultsReader();
  const index = await scan(reader, folder.path, 'sum', [
    'a 1 80 4',
    'a 2 80 3',
    'a 19506 0 0',
    'b 1 80 4',
    'b 19506 0 0',
    'b 110385 0 0',
    'c 3 22 1',
  ]);
  expect(summarizeScan(index)).toMatchObject({
    scan_name: 'sum',
    hosts: 3,
    findings: 7,
    severity_breakdown: { critical: 2, high: 1, medium: 0, low: 1, info: 3 },
    exploitable: { findings: 2, hosts: 2 },
    top_hosts: [
      { host: 'a', os: 'Linux', critical: 1, high: 1, info: 1 },
      { host: 'b', critical: 1 },
      { host: 'c', low: 1 },
    ],
    top_plugins: [
      { value: '1', name: 'P1', findings: 2, hosts: 2, max_severity: 4, max_severity_name: 'critical' },
      { value: '2' },
      { value: '3' },
    ],
    findings_above_info: 4,
    totals: { hosts: 3, plugins: 3, cves: 3, services: 2 },
    credentialed: 'partial',
    authentication: {
      status: 'partial',
      success: 1,
      partial: 1,
      failed: 1,
      not_success: ['b (partial)', 'c (failed)'],
    },
  });
  expect(groupFindings(index, 'port', { filters: { severity: '>=1' } })).toEqual({
    groups: [
      { value: '80/tcp', findings: 3, hosts: 2, max_severity: 4, max_severity_name: 'critical' },
      { value: '22/tcp', findings: 1, hosts: 1, max_severity: 1, max_severity_name: 'low' },
    ],
    total_groups: 2,
    matching_findings: 4,
    matching_hosts: 3,
    filters_applied: { severity: '>=1' },
  });
  expect(groupFindings(index, 'credentialed').groups.map(({ value, hosts }) => `${value} ${hosts}`)).toEqual([
    'success 1',
    'partial 1',
    'none 1',
  ]);
  expect(groupFindings(index, 'plugin', { top: 1 })).toMatchObject({ total_groups: 5, groups_left_out: 4 });
  expect(() => groupFindings(index, 'prot')).toThrow(
    /group_by "prot" is unknown; did you mean "port"\? expected one of severity, plugin/,
  );
  expect(() => groupFindings(index, 'subnet')).toThrow(/did you mean "host"\?/);
});
