import { readXlsx } from 'hucre/xlsx';
import { expect, test } from 'vitest';
import {
  EVERYTHING,
  escapeXml,
  exportedBytes,
  HOSTILE,
  host,
  item,
  report,
} from '../exporters_test_documents.ts';
import type { ExportOptions } from '../mod.ts';

/** Rows of each sheet, in the order of the sheets, as another library reads them. */
async function sheetsOf(xml: string, options?: ExportOptions): Promise<Record<string, unknown[][]>> {
  const { sheets } = await readXlsx(await exportedBytes('xlsx', xml, options));
  return Object.fromEntries(sheets.map(({ name, rows }) => [name, rows]));
}

test('has a summary, findings, plugins with their places, hosts and checks', async () => {
  const sheets = await sheetsOf(EVERYTHING);
  expect(Object.keys(sheets)).toEqual(['Summary', 'Findings', 'Plugins', 'Hosts', 'Compliance']);
  expect(sheets.Summary).toContainEqual(
    expect.arrayContaining(['Fix (Critical)', 'Update Thing to 1.3 or later', 2, 2]),
  );
  expect(sheets.Findings).toHaveLength(1 + 9);
  expect(sheets.Findings?.[1]?.slice(0, 7)).toEqual([
    1,
    'CVE-2021-11111\nCVE-2021-22222',
    10,
    'Critical',
    'web-01',
    'tcp',
    443,
  ]);
  const plugin = sheets.Plugins?.find(([id]) => id === 1);
  expect(plugin?.slice(6, 9)).toEqual([2, 2, 'web-01:443\n192.0.2.8:443']);
  expect(sheets.Hosts?.[1]?.slice(0, 5)).toEqual([
    'web-01',
    '192.0.2.7',
    'a.example.org, b.example.org',
    'WORK\\WEB01',
    '00:00:5E:00:53:01, 00:00:5E:00:53:02',
  ]);
  expect(sheets.Compliance?.[1]?.slice(0, 5)).toEqual([
    'web-01',
    '1.1 Root login off',
    'FAILED',
    'has 11',
    'wants 11',
  ]);
});

test('has the fields that are asked for as its columns', async () => {
  const { Findings } = await sheetsOf(EVERYTHING, { fields: ['host', 'plugin_id', 'synopsis'] });
  expect(Findings?.slice(0, 2)).toEqual([
    ['host', 'plugin_id', 'synopsis'],
    ['web-01', 1, 'S'],
  ]);
});

test('a sheet that is full goes on in another one, with the same head', async () => {
  const sheets = await sheetsOf(EVERYTHING, { maxRows: 5, fields: ['plugin_id'] });
  expect(Object.keys(sheets).slice(0, 5)).toEqual([
    'Summary',
    'Summary 2',
    'Summary 3',
    'Findings',
    'Findings 2',
  ]);
  expect(sheets.Findings?.map(([id]) => id)).toEqual(['plugin_id', 1, 2, 3, 3]);
  expect(sheets['Findings 3']?.map(([id]) => id)).toEqual(['plugin_id', 1]);
});

test('a text that is too long for a cell is cut and marked', async () => {
  const { Findings } = await sheetsOf(
    report(host('h', {}, item(1, 1, `<plugin_output>${'x'.repeat(40_000)}</plugin_output>`))),
    {
      fields: ['plugin_output'],
    },
  );
  const cell = String(Findings?.[1]?.[0]);
  expect(cell.length).toBeLessThanOrEqual(32_767);
  expect(cell).toMatch(/x… \[7273 more characters\]$/);
});

test('a formula stays text, and so does what Excel would decode', async () => {
  const evil = ['=1+1', '@sum', '+1', '-1', '=HYPERLINK("http://evil.example")', 'a_x0041_b', '1e5', '007'];
  const xml = report(
    host('h', {}, ...evil.map((text, i) => item(i, 1, `<solution>${escapeXml(text)}</solution>`))),
  );
  const bytes = await exportedBytes('xlsx', xml, { fields: ['solution', 'plugin_id'] });
  const { sheets } = await readXlsx(bytes, { readStyles: true });
  const findings = sheets.find(({ name }) => name === 'Findings');
  expect(findings?.rows.slice(1).map(([text]) => text)).toEqual(evil);
  const cells = [...(findings?.cells?.values() ?? [])];
  expect(cells.some((cell) => cell.formula !== undefined)).toBe(false);
});

test('hostile text is text', async () => {
  const sheets = await sheetsOf(HOSTILE);
  expect(sheets.Hosts?.[1]?.[0]).toContain('<script>alert(1)</script>');
});

test('a scan without hosts is a workbook', async () => {
  expect((await sheetsOf(report())).Findings).toHaveLength(1);
});
