import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from './app_process.ts';
import { jsonLines } from './mcp_client.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;

const item = (plugin: number, severity: number, more = ''): string =>
  `<ReportItem port="443" svc_name="www" protocol="tcp" severity="${severity}" pluginID="${plugin}" pluginName="P${plugin} &lt;b&gt;" pluginFamily="F"><solution>Upgrade to Thing version 2.${plugin} or later.</solution>${more}</ReportItem>`;
const check = (name: string, result: string, severity: number): string =>
  `<ReportItem port="0" svc_name="general" protocol="tcp" severity="${severity}" pluginID="21157" pluginName="Checks" pluginFamily="Policy Compliance"><cm:compliance-check-name>${name}</cm:compliance-check-name><cm:compliance-result>${result}</cm:compliance-result></ReportItem>`;
const document = (name: string, ...items: string[]): string =>
  `<NessusClientData_v2><Policy><policyName>Weekly</policyName></Policy><Report name="${name}"><ReportHost name="192.0.2.7"><HostProperties><tag name="operating-system">Linux</tag></HostProperties>${items.join('')}</ReportHost></Report></NessusClientData_v2>`;

beforeAll(async () => {
  folder = await tempFolder();
  await writeFile(
    `${folder.path}/old.nessus`,
    document(
      'old',
      item(1, 4),
      item(2, 3),
      item(3, 1),
      check('one', 'FAILED', 3),
      check('two', 'PASSED', 0),
      check('three', 'FAILED', 3),
    ),
  );
  await writeFile(
    `${folder.path}/new.nessus.gz`,
    gzipSync(
      document(
        'new',
        item(2, 4),
        item(3, 1),
        item(4, 2),
        check('one', 'PASSED', 0),
        check('two', 'FAILED', 3),
        check('three', 'FAILED', 3),
      ),
    ),
  );
});
afterAll(() => folder[Symbol.asyncDispose]());

const run = (...args: string[]): ReturnType<typeof runApp> =>
  runApp(
    'standalone',
    args.map((arg) => arg.replace(/^\.\//, `${folder.path}/`)),
  );

test('diff says what is new, fixed and changed, checks too', async () => {
  const { code, stdout } = await run('diff', './old.nessus', './new.nessus.gz', '--to', 'jsonl');
  expect(code).toBe(0);
  const lines = jsonLines(stdout);
  const changes = lines.filter(({ type }) => type === 'changes');
  expect(
    changes
      .map(({ change, plugin, check: name, severity, before }) =>
        [change, plugin, name, severity, before].join(' '),
      )
      .sort(),
  ).toEqual([
    'changed 2  critical high',
    'fixed 1  critical ',
    'fixed 21157 one high ',
    'new 21157 two high ',
    'new 4  medium ',
  ]);
  expect(
    lines.filter(({ type }) => type === 'counts').find(({ what }) => what === 'Persisting'),
  ).toMatchObject({ findings: 3 });
});

test.each(['md', 'html', 'csv'])(
  'diff as %s has each change, and text of a scan is only text',
  async (format) => {
    const { code, stdout } = await run('diff', './old.nessus', './new.nessus.gz', '--to', format);
    expect(code).toBe(0);
    expect(stdout).toMatch(/fixed/);
    if (format !== 'csv') expect(stdout).not.toMatch(/(?<!\\)<b>/);
  },
);

test('diff as xlsx goes to a file', async () => {
  expect(await run('diff', './old.nessus', './new.nessus.gz', '--to', 'xlsx', '-o', './d.xlsx')).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
});

test.each<[string, string[], RegExp]>([
  ['one file', ['./old.nessus'], /Missing required positional argument: NEW/],
  [
    'three files',
    ['./old.nessus', './new.nessus.gz', './old.nessus'],
    /Two files are compared, the earlier and the later one; 3 were given/,
  ],
  [
    'a format that there is not',
    ['./old.nessus', './new.nessus.gz', '--to', 'pdf'],
    /--to pdf: expected one of md, html, csv, jsonl, xlsx/,
  ],
])('diff of %s says what is missing', async (_name, args, why) => {
  const { code, stderr } = await run('diff', ...args);
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(why) });
});

test('show has bars, hosts, checks and what to fix first', async () => {
  const { code, stdout } = await run('show', './old.nessus');
  expect(code).toBe(0);
  expect(stdout).toContain('1 host, 6 findings, policy Weekly');
  expect(stdout).toMatch(/Critical +█+ 1\n/);
  expect(stdout).toContain('Compliance: 1 passed, 2 failed, 0 warning, 0 error');
  expect(stdout).toMatch(/192\.0\.2\.7 +Linux +1 +3/);
  expect(stdout).toMatch(/Critical +3 +1 +Update Thing to 2\.3 or later/);
});

test('show of a page that was saved by mistake says so', async () => {
  await writeFile(
    `${folder.path}/page.nessus`,
    '<!DOCTYPE html><html><head><title>Nessus / Login</title></head></html>',
  );
  const { code, stderr } = await run('show', './page.nessus');
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/HTML page.*Export > Nessus/),
  });
});
