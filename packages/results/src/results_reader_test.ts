import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { type FindingsQuery, queryNessus } from '@nmcp/schema';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { createResultsReader, FindingsIndex, indexPathOf, validateResults } from './mod.ts';
import { documentOf, ITEMS, type Item, linesOf, storedScan } from './results_test_bench.ts';

describe('the index', () => {
  test('is built once while the results are judged, and used from then on', async () => {
    await using s = await storedScan();
    expect(await validateResults(s.path, { credentialsGiven: false })).toMatchObject({
      valid: true,
      stats: { hosts_scanned: 4 },
    });
    const before = await stat(indexPathOf(s.path));
    using reader = createResultsReader();
    expect((await reader.open(s.path)).meta.findings).toBe(150);
    expect((await stat(indexPathOf(s.path))).ino).toBe(before.ino);
    expect((await readdir(s.folder)).sort()).toEqual(['findings.db', 'scan_native.nessus']);
  });

  test('that cannot be written is no reason to say that the results are not good', async () => {
    await using s = await storedScan();
    const whole = await validateResults(s.path, { credentialsGiven: true });
    await unlink(indexPathOf(s.path));
    await mkdir(`${indexPathOf(s.path)}/in-the-way`, { recursive: true });
    expect(await validateResults(s.path, { credentialsGiven: true })).toEqual(whole);
    await truncate(s.path, 2000);
    expect(await validateResults(s.path, {})).toMatchObject({ valid: false, reason: 'xml_invalid' });
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ['cut in half', async (path) => truncate(path, Math.floor((await stat(path)).size / 2))],
    ['empty', (path) => truncate(path, 0)],
    ['something else', (path) => writeFile(path, 'no database at all')],
    [
      'of another file',
      async (path) =>
        writeFile(path.replace('findings.db', 'scan_native.nessus'), documentOf(ITEMS.slice(0, 20))),
    ],
  ])('%s is built anew', async (_name, spoil) => {
    await using s = await storedScan();
    await validateResults(s.path, {});
    await spoil(indexPathOf(s.path));
    using reader = createResultsReader();
    const lines = await linesOf(reader.query(s.path, { page: 0, profile: 'full' }));
    const xml = await readFile(s.path, 'utf8');
    expect(lines).toEqual(
      await linesOf(queryNessus(() => new Blob([xml]).stream(), { page: 0, profile: 'full' })),
    );
  });

  test('is built once for callers that come at the same time', async () => {
    await using s = await storedScan();
    using reader = createResultsReader();
    const opened = await Promise.all(Array.from({ length: 10 }, () => reader.open(s.path)));
    expect(opened.every((index) => index.meta.findings === 150)).toBe(true);
  });

  test('is read by other processes while one builds it anew', async () => {
    await using s = await storedScan();
    await validateResults(s.path, {});
    const script = `import { createResultsReader } from ${JSON.stringify(new URL('../dist/mod.js', import.meta.url).href)};
      for (let i = 0; i < 40; i++) { using r = createResultsReader(); const n = (await r.open(process.argv[1])).select({}).rows.length; if (n !== 150) process.exit(1); }`;
    // `using` is not in Node 20's own syntax
    const plain = script.replace('using r =', 'const r =').replace('if (n', 'r.close(); if (n');
    const readers = [1, 2].map(() =>
      spawn(process.execPath, ['--input-type=module', '-e', plain, s.path], { stdio: 'inherit' }),
    );
    const ended = Promise.all(readers.map((reader) => once(reader, 'exit')));
    for (let i = 0; i < 10; i++) await validateResults(s.path, {});
    expect((await ended).map(([code]) => code)).toEqual([0, 0]);
  });

  test('of a link in place of the results or of the index is not read', async () => {
    await using folder = await tempFolder();
    await using elsewhere = await tempFolder();
    const item: Item = { host: 1, plugin: 1, port: 1, output: undefined };
    const [stored, theirs] = [`${folder.path}/scan_native.nessus`, `${elsewhere.path}/scan_native.nessus`];
    await writeFile(theirs, documentOf([item, { ...item, host: 2 }]));
    using results = createResultsReader();
    await symlink(theirs, stored);
    await expect(results.open(stored)).rejects.toMatchObject({ code: 'not_found' });
    await results.open(theirs);
    await unlink(stored);
    await writeFile(stored, documentOf([item]));
    await symlink(indexPathOf(theirs), indexPathOf(stored));
    expect((await results.open(stored)).hosts).toHaveLength(1);
  });

  test('of a file that is gone, or damaged, is an error', async () => {
    await using s = await storedScan();
    await writeFile(s.path, '<NessusClientData_v2><Report>');
    using reader = createResultsReader();
    await expect(reader.open(s.path)).rejects.toMatchObject({ code: 'damaged_document' });
    await expect(reader.open('/nowhere/scan_native.nessus')).rejects.toMatchObject({ code: 'not_found' });
    expect(FindingsIndex.open('/nowhere/findings.db', s.path)).toBeUndefined();
  });
});

test('a cursor goes through all findings once, in their order, and belongs to its question', async () => {
  await using s = await storedScan();
  using reader = createResultsReader();
  const question = {
    filters: { severity: '>=1' },
    sort: ['-severity', 'host'],
    pageSize: 40,
    profile: 'minimal',
  };
  const all = ((await linesOf(reader.query(s.path, { ...question, page: 0 }))) as string[]).slice(2);
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const lines = (await linesOf(reader.query(s.path, { ...question, cursor }))) as string[];
    seen.push(...lines.slice(2, -1));
    cursor = JSON.parse(lines.at(-1) ?? '').next_cursor;
  }
  expect(seen).toEqual(all);
  const [first] = ((await linesOf(reader.query(s.path, { ...question, cursor: '' }))) as string[]).slice(-1);
  const { next_cursor } = JSON.parse(first ?? '');
  expect(await linesOf(reader.query(s.path, { ...question, filters: {}, cursor: next_cursor }))).toMatch(
    /belongs to other filters/,
  );
  expect(await linesOf(reader.query(s.path, { ...question, cursor: '../x' }))).toMatch(/is not a cursor/);
});

test.each<[FindingsQuery, RegExp]>([
  [{ filters: { severrity: 1 } }, /did you mean "severity"/],
  [
    { filters: { severity: { greater: 3 } } },
    /filters: severity: "greater" is not a condition; expected eq, ne, gt/,
  ],
  [{ filters: { severity: { gt: 'soon' } } }, /"soon" is not a severity/],
  [{ filters: { cvss_score: { gt: 'soon' } } }, /neither a number nor a date/],
  [{ filters: { plugin_name: { regex: '(a' } } }, /not a regular expression in RE2 syntax/],
  [{ filters: { plugin_name: { regex: '(a)\\1' } } }, /not a regular expression in RE2 syntax/],
  [{ filters: { host: { cidr: '10.0.0.0/99' } } }, /prefix length/],
  [{ filters: { host: '10.0.0.9-2' } }, /filters: host: "10\.0\.0\.9-2": the range ends before it starts/],
  [{ filters: { host: { in: [] } } }, /filters: host: in: the list is empty/],
  [{ filters: { plugin_name: { regex: '.*' } } }, /is found in every text/],
  [{ filters: { any: [] } }, /filters: any: expected a list of filters/],
  [{ filters: { not: 3 as never } }, /filters: not: expected an object/],
  [{ filters: { severity: {} } }, /the condition is empty/],
  [{ sort: ['-severrity'] }, /sort: the field "severrity" is unknown; did you mean "severity"/],
  [{ sort: ['plugin_output'] }, /plugin_output cannot be sorted by/],
])('%j is refused', async (wrong, why) => {
  await using s = await storedScan();
  using reader = createResultsReader();
  await expect(linesOf(reader.query(s.path, wrong))).resolves.toMatch(why);
});

test('a pattern that hangs other engines does not hang this one', async () => {
  await using s = await storedScan();
  using reader = createResultsReader();
  const lines = await linesOf(
    reader.query(s.path, { filters: { plugin_output: { regex: '(([a-z ]+)+)+$!' } } }),
  );
  expect(lines).toHaveLength(3);
});
