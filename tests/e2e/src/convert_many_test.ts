import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { tempFolder } from '@nmcp/test-support';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from './app_process.ts';
import { jsonLines } from './mcp_client.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;

/** A document of `host plugin output` lines. */
function document(...lines: string[]): string {
  const hosts = [...new Set(lines.map((line) => line.split(' ')[0] ?? ''))];
  const items = (host: string): string =>
    lines
      .map((line) => line.split(' '))
      .filter(([of]) => of === host)
      .map(
        ([, plugin, output]) =>
          `<ReportItem port="80" protocol="tcp" severity="3" pluginID="${plugin}" pluginName="P${plugin}"><plugin_output>${output}</plugin_output></ReportItem>`,
      )
      .join('');
  return `<NessusClientData_v2><Report name="r">${hosts.map((host) => `<ReportHost name="${host}"><HostProperties/>${items(host)}</ReportHost>`).join('')}</Report></NessusClientData_v2>`;
}

beforeAll(async () => {
  folder = await tempFolder();
  const file = (name: string): string => `${folder.path}/${name}`;
  await mkdir(file('dir/deep'), { recursive: true });
  await writeFile(file('a.nessus'), document('h1 1 x', 'h2 1 y'));
  await writeFile(file('dir/deep/b.nessus'), document('h1 1 x', 'h1 2 z'));
  await writeFile(file('dir/notes.txt'), 'no export');
  await writeFile(file('c.zip'), zipSync({ 'in/c.nessus': Buffer.from(document('h3 1 c')) }));
  await writeFile(file('d.nessus.gz'), gzipSync(document('h4 1 d')));
});
afterAll(() => folder[Symbol.asyncDispose]());

const convert = (args: string[], input?: string): ReturnType<typeof runApp> =>
  runApp(
    'standalone',
    ['convert', ...args.map((arg) => arg.replace(/^\.\//, `${folder.path}/`))],
    input === undefined ? {} : { input },
  );

test('files, folders, archives and standard input are one document, with doubles told and marked', async () => {
  const { code, stdout, stderr } = await convert(
    ['./a.nessus', './dir', './c.zip', './d.nessus.gz', '-'],
    document('h5 1 e'),
  );
  expect(code).toBe(0);
  const lines = jsonLines(stdout);
  expect(lines[0]).toMatchObject({ profile: 'findings', total_vulnerabilities: 6 });
  expect(lines[1]).toMatchObject({ hosts: 5 });
  const told = lines
    .slice(2)
    .map(({ host, plugin_id, sources }) => [host, plugin_id, ...[sources].flat()].join(' '));
  expect(told.sort()).toEqual([
    'h1 1 a.nessus b.nessus',
    'h1 2 b.nessus',
    'h2 1 a.nessus',
    'h3 1 c.zip/in/c.nessus',
    'h4 1 d.nessus',
    'h5 1 standard input',
  ]);
  expect(stderr).toContain('nmcp: b.nessus: 2 findings, 1 of them in files before it, too\n');
});

test('a file that is given twice is read once, and that is said', async () => {
  const { code, stdout, stderr } = await convert(['./a.nessus', './dir/../a.nessus']);
  expect(code).toBe(0);
  expect(jsonLines(stdout)[0]).toMatchObject({ total_vulnerabilities: 2 });
  expect(stderr).toMatch(/a\.nessus is given twice and read once/);
});

test('a file for each host, with names that stay in the folder', async () => {
  await writeFile(`${folder.path}/evil.nessus`, document('../../h9 1 x', 'h1 2 y'));
  const { code, stderr } = await convert([
    './a.nessus',
    './dir',
    './evil.nessus',
    '--to',
    'csv',
    '--split-by',
    'host',
    '-o',
    './hosts',
  ]);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('3 files written') });
  expect((await readdir(`${folder.path}/hosts`)).sort()).toEqual(['__.._h9.csv', 'h1.csv', 'h2.csv']);
  const rows = (await readFile(`${folder.path}/hosts/h1.csv`, 'utf8')).trimEnd().split('\r\n');
  expect(rows).toHaveLength(3);
});

test('a file for each input', async () => {
  expect(await convert(['./a.nessus', './c.zip', '--split-by', 'file', '-o', './files'])).toMatchObject({
    code: 0,
  });
  expect((await readdir(`${folder.path}/files`)).sort()).toEqual(['a.jsonl', 'c.zip_in_c.jsonl']);
});

test.each<[string, string[], number, RegExp]>([
  ['a folder without exports', ['./empty'], 2, /holds no \.nessus, \.nessus\.gz or \.zip file/],
  [
    'splitting without a folder',
    ['./a.nessus', '--split-by', 'host'],
    2,
    /needs a folder for them: -o FOLDER/,
  ],
  [
    'a way to merge that there is not',
    ['./a.nessus', '--merge', 'all'],
    2,
    /--merge all: expected one of union, latest/,
  ],
  [
    'an output that cannot be written',
    ['./a.nessus', '-o', '/proc/nowhere/out.jsonl'],
    3,
    /\/proc\/nowhere\/out\.jsonl cannot be written/,
  ],
  [
    'a folder that cannot be written',
    ['./a.nessus', '--split-by', 'file', '-o', './a.nessus/out'],
    3,
    /a\.nessus\/out cannot be written/,
  ],
  [
    'order where there are no columns',
    ['./a.nessus', '--to', 'md', '--sort', 'host'],
    2,
    /--sort works only with --to jsonl, csv, xlsx/,
  ],
  [
    'one of several that is damaged',
    ['./a.nessus', './cut.nessus'],
    1,
    /cut\.nessus: The document ends early/,
  ],
])('%s: says so', async (_name, args, expected, why) => {
  await mkdir(`${folder.path}/empty`, { recursive: true });
  await writeFile(`${folder.path}/cut.nessus`, document('h1 1 x').slice(0, -40));
  const { code, stderr } = await convert(args);
  expect(stderr).toMatch(why);
  expect(code).toBe(expected);
});

test('fields, profile and order hold for a table', async () => {
  const { stdout } = await convert([
    './a.nessus',
    '--to',
    'csv',
    '--fields',
    'host,plugin_output',
    '--sort=-host',
  ]);
  expect(stdout).toBe('"host","plugin_output"\r\n"h2","y"\r\n"h1","x"\r\n');
  const full = await convert(['./a.nessus', '--to', 'csv', '--profile', 'full']);
  expect(full.stdout).toMatch(/^(?:"[\w]+",)*"protocol"/);
  expect((await convert(['./a.nessus', '--to', 'csv', '--fields', 'hosst'])).stderr).toMatch(
    /did you mean "host"/,
  );
});
