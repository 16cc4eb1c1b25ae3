import { writeFile } from 'node:fs/promises';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { type CompareOptions, compareScans, createResultsReader, type ScanComparison } from '../mod.ts';

interface Scan {
  plugins?: string;
  ports?: string;
  start?: number;
  /** Host to its findings, as `plugin port severity check`, or `out:` and an output for the check; `login`, `partial` or `end` before them. */
  hosts: Record<string, string[]>;
}

const LOGINS: Readonly<Record<string, string>> = {
  login: `<ReportItem port="0" protocol="tcp" severity="0" pluginID="141118" pluginName="L" pluginFamily="F"/>`,
  partial: `<ReportItem port="0" protocol="tcp" severity="0" pluginID="110385" pluginName="L" pluginFamily="F"/>`,
};

function xmlOf({ plugins, ports, start = 1_700_000_000, hosts }: Scan): string {
  const preference = (name: string, value: string | undefined): string =>
    value === undefined ? '' : `<preference><name>${name}</name><value>${value}</value></preference>`;
  const item = (line: string): string => {
    const [plugin = '', port, severity, check] = line.split(' ');
    const inside =
      check === undefined
        ? ''
        : check.startsWith('out:')
          ? `<plugin_output>${check.slice(4)}</plugin_output>`
          : `<cm:compliance-check-name>${check}</cm:compliance-check-name>`;
    return (
      LOGINS[plugin] ??
      `<ReportItem port="${port}" svc_name="s" protocol="tcp" severity="${severity}" pluginID="${plugin}" pluginName="P${plugin}" pluginFamily="F">${inside}</ReportItem>`
    );
  };
  const reported = Object.entries(hosts).map(
    ([host, lines]) =>
      `<ReportHost name="${host}"><HostProperties><tag name="HOST_START_TIMESTAMP">${start}</tag>${lines.includes('end') ? `<tag name="HOST_END_TIMESTAMP">${start + 60}</tag>` : ''}</HostProperties>${lines
        .filter((line) => line !== 'end')
        .map(item)
        .join('')}</ReportHost>`,
  );
  return `<NessusClientData_v2><Policy><policyName>P</policyName><Preferences><ServerPreferences>${preference('plugin_set', plugins)}${preference('port_range', ports)}</ServerPreferences></Preferences></Policy><Report name="r" xmlns:cm="x">${reported.join('')}</Report></NessusClientData_v2>`;
}

async function compared(earlier: Scan, later: Scan, options: CompareOptions = {}): Promise<ScanComparison> {
  await using folders = await tempFolder();
  using reader = createResultsReader();
  await using others = await tempFolder();
  const [before, after] = [`${folders.path}/a.nessus`, `${others.path}/a.nessus`];
  await writeFile(before, xmlOf(earlier));
  await writeFile(after, xmlOf(later));
  return compareScans(await reader.open(before), await reader.open(after), options);
}

test('a host that the later report names as dead, or as unfinished, has nothing fixed', async () => {
  const dead = '10180 0 0 out:The_remote_host_(a)_is_considered_as_dead_-_not_scanning';
  const gone = await compared(
    { hosts: { a: ['1 80 4'], b: ['1 80 4'] } },
    { hosts: { a: [dead.replaceAll('_', '&#32;')], b: ['9 0 0'] } },
  );
  expect(gone.fixed).toMatchObject({ total: 1, worst: [{ host: 'b' }] });
  expect(gone.hosts.gone).toMatchObject({ hosts: 'a', total: 1, findings: 1 });
  const unfinished = await compared(
    { hosts: { a: ['1 80 4'], b: ['1 80 4'] } },
    { hosts: { a: ['end', '9 0 0'], b: ['9 0 0'] } },
  );
  expect(unfinished.fixed.worst).toMatchObject([{ host: 'a' }]);
  expect(unfinished.hosts.gone.hosts).toBe('b');
});

test('a finding on a host whose login got worse is not fixed', async () => {
  const comparison = await compared(
    { hosts: { a: ['login', '1 80 4'], b: ['partial', '1 80 4'], c: ['1 80 4'], d: ['1 80 4'] } },
    { hosts: { a: ['partial'], b: ['9 0 0'], c: ['login'], d: ['9 0 0'] } },
  );
  expect(comparison.not_looked).toMatchObject({ by_reason: { login: 4, port: 0, plugin: 0 } });
  expect(comparison.not_looked.worst[0]).toMatchObject({ host: 'a', plugin_id: '1', reason: 'login' });
  expect(comparison.fixed).toMatchObject({ total: 2, by_severity: { critical: 2 } });
});

test('nor is one on a port, or of a plugin, that the later scan was not set to look at', async () => {
  const comparison = await compared(
    { plugins: '1;2;3', ports: '1-10000', hosts: { a: ['1 80 4', '2 8080 3', '3 22 2', '3 0 1', '1 53 1'] } },
    { plugins: '1;2', ports: '1-1024,U:53', hosts: { a: ['9 0 0'] } },
  );
  expect(comparison.not_looked).toMatchObject({ total: 3, by_reason: { login: 0, port: 1, plugin: 2 } });
  expect(comparison.fixed.worst.map(({ plugin_id, port }) => `${plugin_id} ${port}`)).toEqual([
    '1 80',
    '1 53',
  ]);
  expect(comparison.notes).toEqual([
    "1 plugins that the earlier scan ran are not in the later one's set",
    'The scans looked at other ports: 1-10000; 1-1024,U:53',
  ]);
});

test('a setting that is not stated is the same, and what has reported was run', async () => {
  const hosts = { a: ['1 80 4', '2 80 3'] };
  expect((await compared({ hosts }, { hosts: { a: [] } })).fixed.total).toBe(2);
  const comparison = await compared(
    { plugins: '1;2', ports: 'default', hosts },
    { plugins: '5', ports: 'default', hosts: { a: [], b: ['1 99 0'] } },
  );
  expect(comparison.fixed.worst.map(({ plugin_id }) => plugin_id)).toEqual(['1']);
});

test('the default range is not known: only ports that were seen were looked at', async () => {
  const comparison = await compared(
    { ports: '1-65535', hosts: { a: ['1 80 4', '1 64001 4'] } },
    { ports: 'default', hosts: { a: [], b: ['2 80 0'] } },
  );
  expect(comparison.fixed.worst.map(({ port }) => port)).toEqual(['80']);
  expect(comparison.not_looked.by_reason.port).toBe(1);
});

test('what the earlier scan could not see is new, and said to be', async () => {
  const comparison = await compared({ hosts: { a: [] } }, { hosts: { a: ['login', '1 80 4'] } });
  expect(comparison).toMatchObject({ new: { total: 2 }, new_but_not_looked_before: 2 });
});

test('compliance checks are told apart', async () => {
  const comparison = await compared(
    { hosts: { a: ['21157 0 3 1.1', '21157 0 0 1.2', '21157 0 3 1.3', '21157 0 0 1.4'] } },
    { hosts: { a: ['21157 0 0 1.1', '21157 0 3 1.2', '21157 0 3 1.3', '21157 0 0 1.4'] } },
  );
  expect(comparison).toMatchObject({
    fixed: { total: 1, worst: [{ check: '1.1', severity: 3 }] },
    new: { total: 1, worst: [{ check: '1.2', severity: 3 }] },
    persisting: { total: 2 },
    changed_severity: { total: 0 },
  });
});

test('findings of one plugin on one port are told apart by what they say', async () => {
  const item = (output: string): string => `63155 0 2 out:${output}`;
  const [both, first, second] = [[item('A'), item('B')], [item('A')], [item('B'), item('C')]];
  expect(await compared({ hosts: { a: both } }, { hosts: { a: both } })).toMatchObject({
    persisting: { total: 2 },
  });
  expect(await compared({ hosts: { a: both } }, { hosts: { a: first } })).toMatchObject({
    persisting: { total: 1 },
    fixed: { total: 1 },
    new: { total: 0 },
  });
  expect(await compared({ hosts: { a: first } }, { hosts: { a: second } })).toMatchObject({
    persisting: { total: 1 },
    fixed: { total: 0 },
    new: { total: 1 },
  });
  expect(await compared({ hosts: { a: both } }, { hosts: { a: second } })).toMatchObject({
    persisting: { total: 1 },
    fixed: { total: 1 },
    new: { total: 1 },
  });
});

test('a condition on severity holds in either scan', async () => {
  const scans: [Scan, Scan] = [
    { hosts: { a: ['1 80 4', '2 80 3', '3 80 1', '4 80 4'] } },
    { hosts: { a: ['4 80 1', '5 80 4', '6 80 2'] } },
  ];
  expect(await compared(...scans, { severity: 'critical' })).toMatchObject({
    fixed: { total: 1 },
    new: { total: 1 },
    changed_severity: { total: 1 },
  });
  expect((await compared(...scans, { severity: '>=high' })).fixed.total).toBe(2);
  await expect(compared(...scans, { severity: 'worst' })).rejects.toThrow(/"worst" is not a severity/);
});

test('scans of other networks, or the wrong way round, say so', async () => {
  const apart = await compared(
    { start: 1_800_000_000, hosts: { '10.0.0.1': ['1 80 4'], '10.0.0.2': [] } },
    { hosts: { '10.1.0.1': ['1 80 4'] } },
  );
  expect(apart.notes[0]).toBe(
    'The scans have no host in common (10.0.0.1-2; 10.1.0.1), so nothing can be said of what changed',
  );
  expect(apart.notes[1]).toMatch(/ran before the other .*: exchange them/);
  expect(apart).toMatchObject({
    fixed: { total: 0 },
    new: { total: 0 },
    hosts: { both: 0, gone: { total: 2 } },
  });
});
