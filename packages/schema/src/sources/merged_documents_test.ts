import { expect, test } from 'vitest';
import { exportCsv } from '../exporters/csv.ts';
import { parseCsv } from '../exporters/exporters_test_documents.ts';
import { exportOcsf } from '../exporters/ocsf/export_ocsf.ts';
import {
  eventsOf,
  type Finding,
  type FindingsQuery,
  type MergeOptions,
  mergedDocuments,
  queryNessus,
} from '../mod.ts';

/** A document of hosts: when each was scanned, and `plugin output` of its findings. */
function document(hosts: Record<string, [end: number, ...findings: string[]]>): string {
  const bodies = Object.entries(hosts).map(([name, [end, ...findings]]) => {
    const items = findings.map((line) => {
      const [plugin, severity, output] = line.split(' ');
      return `<ReportItem port="80" protocol="tcp" severity="${severity}" pluginID="${plugin}" pluginName="P"><synopsis>s</synopsis><plugin_output>${output}</plugin_output></ReportItem>`;
    });
    return `<ReportHost name="${name}"><HostProperties><tag name="HOST_END_TIMESTAMP">${end}</tag></HostProperties>${items.join('')}</ReportHost>`;
  });
  return `<NessusClientData_v2><Report name="r">${bodies.join('')}</Report></NessusClientData_v2>`;
}

const merged = (documents: Record<string, string>, options?: MergeOptions) =>
  mergedDocuments(
    Object.entries(documents).map(([name, xml]) => ({ name, open: () => new Blob([xml]).stream() })),
    options,
  );

async function linesOf(
  source: ReturnType<typeof merged>,
  query: FindingsQuery = {},
): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  for await (const line of queryNessus(source, { profile: 'full', page: 0, ...query }))
    lines.push(JSON.parse(line));
  return lines;
}

/** `host plugin output sources` of each finding. */
const told = (lines: Record<string, unknown>[]): string[] =>
  (lines as unknown as Finding[])
    .filter(({ type }) => type === 'vulnerability')
    .map(
      ({ host, plugin_id, plugin_output, sources }) =>
        `${host} ${plugin_id} ${plugin_output} ${[sources].flat().join('+')}`,
    );

const OLD = document({ a: [100, '1 3 old', '2 1 gone'], b: [100, '1 3 x'] });
const NEW = document({ a: [200, '1 4 new', '3 2 came'], c: [200, '1 3 y'] });

test('a union tells each finding once, by the document that scanned its host last, and names those that have it', async () => {
  const source = merged({ new: NEW, old: OLD });
  const lines = await linesOf(source);
  expect(lines[0]).toMatchObject({ total_vulnerabilities: 5 });
  expect(lines[1]).toMatchObject({ hosts: 3 });
  expect(told(lines).sort()).toEqual([
    'a 1 new new+old',
    'a 2 gone old',
    'a 3 came new',
    'b 1 x old',
    'c 1 y new',
  ]);
  expect(source.counts()).toEqual([
    { name: 'new', findings: 3, doubles: 0 },
    { name: 'old', findings: 3, doubles: 1 },
  ]);
});

test('latest tells of each host what the last scan of it says', async () => {
  const lines = await linesOf(merged({ old: OLD, new: NEW }, { merge: 'latest' }));
  expect(told(lines)).toEqual(['b 1 x old', 'a 1 new old+new', 'a 3 came new', 'c 1 y new']);
  expect(lines[0]).toMatchObject({ total_vulnerabilities: 4 });
});

test('filters, order and pages are of all documents together, and counts agree', async () => {
  const lines = await linesOf(merged({ old: OLD, new: NEW }), {
    filters: { severity: '>=3' },
    sort: ['-severity', 'host'],
  });
  expect(lines[0]).toMatchObject({ total_vulnerabilities: 3 });
  expect(told(lines)).toEqual(['a 1 new old+new', 'b 1 x old', 'c 1 y new']);
});

test('findings of one plugin on one port are told apart by their outputs', async () => {
  const two = document({ a: [1, '7 2 A', '7 2 B'] });
  const lines = await linesOf(merged({ one: two, two, three: document({ a: [2, '7 2 B', '7 2 C'] }) }));
  expect(told(lines).sort()).toEqual(['a 7 A one+two', 'a 7 B one+two+three', 'a 7 C three']);
});

test('hosts and their facts are told once', async () => {
  const lines = await linesOf(merged({ old: OLD, new: NEW }), { hosts: true });
  expect(lines.filter(({ type }) => type === 'host')).toEqual([
    { type: 'host', host: 'a', credentialed: 'none', host_end: '1970-01-01T00:03:20.000Z' },
    { type: 'host', host: 'b', credentialed: 'none', host_end: '1970-01-01T00:01:40.000Z' },
    { type: 'host', host: 'c', credentialed: 'none', host_end: '1970-01-01T00:03:20.000Z' },
  ]);
});

test('exporters take them as one document', async () => {
  let text = '';
  for await (const piece of exportCsv(eventsOf(merged({ old: OLD, new: NEW })), {
    fields: ['host', 'plugin_id', 'sources'],
  }))
    text += piece;
  expect(parseCsv(text).slice(1).sort()).toEqual([
    ['a', '1', 'old\nnew'],
    ['a', '2', 'old'],
    ['a', '3', 'new'],
    ['b', '1', 'old'],
    ['c', '1', 'new'],
  ]);
});

test('an event of OCSF names the documents of its finding, and itself once', async () => {
  let text = '';
  for await (const piece of exportOcsf(eventsOf(merged({ old: OLD, new: NEW })), { time: 0 })) text += piece;
  const lines = text.trimEnd().split('\n');
  for (const line of lines) expect(line.split('"unmapped":')).toHaveLength(2);
  const told = lines.map((line) => JSON.parse(line).unmapped);
  expect(told).toContainEqual(expect.objectContaining({ plugin_id: '1', sources: ['old', 'new'] }));
  expect(told).toContainEqual(expect.objectContaining({ plugin_id: '3', sources: ['new'] }));
});

test('a damaged document is told by its name, after what the others say', async () => {
  const source = merged({ good: OLD, bad: NEW.slice(0, -60), other: document({ d: [1, '9 1 z'] }) });
  const lines: string[] = [];
  const reading = (async () => {
    for await (const line of queryNessus(source, { profile: 'full', page: 0 })) lines.push(line);
  })();
  await expect(reading).rejects.toThrow(/^bad: The document ends early/);
  expect(lines.some((line) => line.includes('"host":"d"'))).toBe(true);
});
