import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOOL_NAMES } from '@nmcp/mcp';
import { FORMATS } from '@nmcp/schema';
import { SETTING_NAMES } from '@nmcp/settings';
import { runApp } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'SECURITY.md'],
  ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

/** The cells of a column of the first table after a heading. */
function column(path: string, heading: string, at = 0): string[] {
  const [, section = ''] = read(path).split(`${heading}\n`);
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  const end = section
    .split('\n')
    .findIndex((line, i, all) => line.startsWith('|') && !all[i + 1]?.startsWith('|'));
  const table = section
    .split('\n')
    .slice(0, end + 1)
    .filter((line) => rows.includes(line));
  return table.slice(2).map((line) => line.split('|')[at + 1]?.trim() ?? '');
}

const words = (cells: readonly string[]): string[] => cells.flatMap((cell) => cell.split(/,\s*/));

describe('what the documents name', () => {
  test('settings are those of the code', () => {
    const documented = words(column('docs/settings.md', '# Settings'));
    expect(
      documented.toSorted(),
      'the table of docs/settings.md has a row for every variable of packages/settings/src/read_settings.ts, and no other: add or remove one',
    ).toEqual([...SETTING_NAMES].toSorted());
  });

  test('tools are those of the code', () => {
    const documented = words(column('docs/tools.md', '## The tools'));
    expect(
      documented.toSorted(),
      'the table of docs/tools.md has every tool of packages/mcp/src/tools/mod.ts, and no other: add or remove one',
    ).toEqual([...TOOL_NAMES].toSorted());
  });

  test('commands of nmcp-admin are those of the code', async () => {
    const { stdout } = await runApp('admin-cli', ['--help']);
    const known = (/USAGE nmcp-admin (.+)/.exec(stdout)?.[1] ?? '').split('|').map((name) => name.trim());
    expect(known.length).toBeGreaterThan(20);
    // "token create, list, revoke; policy check" are the commands token create, token list, token revoke and policy check
    const documented = column('docs/operating.md', '## nmcp-admin').flatMap((cell) =>
      cell.split(';').flatMap((part) => {
        const [first = '', ...others] = part.split(',').map((each) => each.trim());
        const [group, verb] = first.split(' ');
        const expand = (each: string): string => (known.includes(each) || !verb ? each : `${group} ${each}`);
        return [first, ...others.map(expand)];
      }),
    );
    expect(
      documented.toSorted(),
      'the table of docs/operating.md has every command of apps/admin-cli/src/commands.ts, and no other: add or remove one',
    ).toEqual(known.toSorted());
  });

  test('formats are those of the code', () => {
    const text = read('docs/tools.md').toLowerCase();
    for (const format of Object.keys(FORMATS))
      expect(
        [format, text.includes(NAMES[format] ?? format)],
        `docs/tools.md names every format that nmcp convert writes: add ${format} to its section "Convert"`,
      ).toEqual([format, true]);
  });

  test('commands of npm are in package.json', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const named = DOCUMENTS.flatMap((path) =>
      [...read(path).matchAll(/npm run (?:--silent |-s )?([\w-]+)/g)].map(
        ([, name = '']) => [path, name] as const,
      ),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(
      named.filter(([, name]) => !(name in scripts)),
      'a document names a command that package.json does not have: correct the document, or add the command to package.json and scripts/run.mjs',
    ).toEqual([]);
    const text = read('CONTRIBUTING.md');
    const untold = Object.keys(scripts).filter((name) => !text.includes(name));
    expect(untold, 'CONTRIBUTING.md says what each command of package.json is for: add these').toEqual([]);
  });

  test('variables in running text are settings', () => {
    const others =
      /^(?:NESSUS_(?:URL|ACCESS_KEY|SECRET_KEY|USERNAME|PASSWORD|CA_FILE|FINGERPRINT|INSECURE)|NODE_OPTIONS|ACCESS_KEY|SECRET_KEY|LICENSE|[A-Z]+_CERT|NODE_EXTRA_CA_CERTS|CIRCUIT_SECONDS)$/;
    const named = [
      'README.md',
      'SECURITY.md',
      'docs/operating.md',
      'docs/settings.md',
      'docs/recipes.md',
    ].flatMap((path) =>
      [...read(path).matchAll(/\b[A-Z]+(?:_[A-Z0-9]+)+\b/g)].map(([name]) => [path, name] as const),
    );
    expect(named.filter(([, name]) => !SETTING_NAMES.includes(name) && !others.test(name))).toEqual([]);
  });
});

/** Formats that are written otherwise than they are called. */
const NAMES: Readonly<Record<string, string>> = { md: 'markdown', xlsx: 'excel' };

test('links lead to files that there are', () => {
  const broken = DOCUMENTS.flatMap((path) =>
    [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].flatMap(([, target = '']) =>
      existsSync(join(root, dirname(path), target)) ? [] : [[path, target]],
    ),
  );
  expect(broken).toEqual([]);
});

test('the README can be read in one go', () => {
  expect(
    read('README.md').split('\n').length,
    'README.md has fewer than 150 lines: move what is for later to docs',
  ).toBeLessThan(150);
});
