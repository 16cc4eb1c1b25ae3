import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Row, tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { checkDirections } from './check_directions.mjs';

const COMMAND = fileURLToPath(new URL('main.mjs', import.meta.url));

/** Packages that hold to every rule; tests add to them. */
const GOOD = {
  'packages/types/src/mod.ts': 'export interface Task {}\nexport const WORD = 1;',
  'packages/queue/src/mod.ts': "import type { Task } from '@nmcp/types';\nexport type Entry = Task;",
  'packages/runner/src/mod.ts': "import type { Entry } from '@nmcp/queue';\nexport type Step = Entry;",
  'packages/scans/src/mod.ts': "import type { Entry } from '@nmcp/queue';\nexport type Submitted = Entry;",
  'packages/mcp/src/mod.ts': "import type { Submitted } from '@nmcp/scans';\nexport type Answer = Submitted;",
  'packages/simulator/src/mod.ts': "export { WORD } from '@nmcp/types';",
  'apps/worker/src/mod.ts': "export type { Step } from '@nmcp/runner';",
};

/** A checkout with these files. */
async function checkout(files: Record<string, string>) {
  const folder = await tempFolder();
  spawnSync('git', ['init', '--quiet'], { cwd: folder.path });
  for (const [path, text] of Object.entries({ ...GOOD, ...files })) {
    write(join(folder.path, path), text);
    const [kind = '', name] = path.split('/');
    if (name === undefined) continue;
    const manifest = { name: `@nmcp/${name}`, exports: { '.': { default: './dist/mod.js' } } };
    write(join(folder.path, kind, name, 'package.json'), JSON.stringify(manifest));
  }
  return folder;
}

async function check(files: Record<string, string>) {
  await using folder = await checkout(files);
  const { sentences, rows } = await checkDirections(folder.path);
  return { sentences, rows, missed: rows.filter(({ holds }) => !holds).map(({ what }) => what) };
}

function write(path: string, text: string) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const IMPORTS = 'imports against the directions';

test('a workspace that holds to every rule passes', async () => {
  expect(await check({})).toMatchObject({ sentences: [], missed: [] });
});

test.each([
  ['passes one that holds to them', {}, 0, /^\{/],
  [
    'fails one that breaks one, and says which',
    { 'packages/new/src/mod.ts': '' },
    1,
    /^FAILED {2}packages\/new stands/,
  ],
])('the command %s', async (_what, files, code, said) => {
  await using folder = await checkout(files);
  const { status, stdout } = spawnSync(process.execPath, [COMMAND, '--json', '--root', folder.path], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: code, stdout: expect.stringMatching(said) });
  const { rows }: { rows: Row[] } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(rows.filter(({ holds }) => !holds)).toHaveLength(code);
});

test('a circle of files by type imports alone is found', async () => {
  const { sentences, missed } = await check({
    'packages/queue/src/a.ts': "import type { B } from './b.ts';\nexport type A = B[];",
    'packages/queue/src/b.ts': "import type { A } from './a.ts';\nexport interface B { a: A }",
  });
  expect(missed).toEqual(['circles of files, types included']);
  expect(sentences.join()).toContain(
    'packages/queue/src/a.ts -> packages/queue/src/b.ts -> packages/queue/src/a.ts is a circle',
  );
});

test('a circle through the entry of another package is found', async () => {
  const { missed } = await check({
    'packages/types/src/mod.ts': "export type { Task } from './task.ts';\nexport const WORD = 1;",
    'packages/types/src/task.ts': "import type { Entry } from '@nmcp/queue';\nexport type Task = Entry;",
  });
  expect(missed).toEqual(['circles of files, types included', IMPORTS]);
});

test('circles of tests count', async () => {
  const { missed } = await check({
    'tests/e2e/src/a.mjs': "import './b.mjs';",
    'tests/e2e/src/b.mjs': "await import('./a.mjs');",
  });
  expect(missed).toEqual(['circles of files, types included']);
});

describe('imports that go the wrong way, each said with its reason', async () => {
  const cases = [
    [
      'a store imports the engine',
      'packages/queue',
      'runner',
      'packages/queue (stores) may import edge, plumbing, rules:',
    ],
    [
      'a store imports another',
      'packages/results',
      'queue',
      'packages/results (stores) may import edge, plumbing, rules:',
    ],
    ['the engine imports a frontend', 'packages/runner', 'mcp', 'packages/runner (engine) may import edge'],
    ['the wiring imports a frontend', 'packages/runtime', 'mcp', 'packages/runtime (wiring) may import edge'],
    [
      'a frontend imports the wiring',
      'packages/dashboard',
      'runtime',
      'packages/dashboard (frontends) may import edge',
    ],
    [
      'a frontend reaches past the core',
      'packages/mcp',
      'queue',
      'what a caller may do with scans is decided once',
    ],
    ['a package imports an app', 'packages/settings', 'worker', 'an app only reads settings'],
    ['an app imports another', 'apps/admin-cli', 'worker', 'apps are installed one by one'],
    ['a test imports an app', 'tests/e2e', 'worker', 'an app only reads settings'],
    [
      'the simulator imports a store',
      'packages/simulator',
      'queue',
      'packages/simulator may import edge only',
    ],
    [
      'the product imports the simulator',
      'apps/worker',
      'simulator',
      'packages/simulator is imported by tests and',
    ],
  ] as const;
  const { sentences, rows, missed } = await check({
    'packages/runtime/src/mod.ts': 'export {};',
    ...Object.fromEntries(
      cases.map(([, folder, name]) => [
        `${folder}/src/not_${name}.ts`,
        `import type {} from '@nmcp/${name}';`,
      ]),
    ),
  });

  test('the check fails', () => {
    expect(missed).toEqual([IMPORTS]);
    expect(rows).toContainEqual(expect.objectContaining({ what: IMPORTS, value: cases.length }));
  });

  test.each(cases)('%s', (_what, folder, name, sentence) => {
    const rule = sentences.find((each) => each.startsWith(sentence));
    expect(rule).toContain(`${folder}/src/not_${name}.ts imports `);
  });
});

test('an edge package imports no node: module, but for its commands, its node part and its tests', async () => {
  const text = "import type { Server } from 'node:http';\nexport type S = Server;";
  expect(
    await check({
      'packages/schema/src/bin/convert.ts': text,
      'packages/nessus-client/src/node/trust.ts': text,
      'packages/types/src/word_test.ts': text,
    }),
  ).toMatchObject({ missed: [] });
  const { sentences, missed } = await check({ 'packages/types/src/word.ts': text });
  expect(missed).toEqual([IMPORTS]);
  expect(sentences.join()).toContain('edge packages use web standards only');
});

test('tests beside their sources may use the simulator, and only tests may use tests', async () => {
  const support = { 'tests/support/src/mod.ts': 'export {};' };
  const text = "import '@nmcp/simulator';\nimport '../../../tests/support/src/mod.ts';";
  expect(await check({ ...support, 'packages/runner/src/steps_test.ts': text })).toMatchObject({
    missed: [],
  });
  const { sentences } = await check({ ...support, 'packages/runner/src/steps.ts': text });
  expect(sentences.join()).toContain('what is published must not need what is not');
});

test('a package that no group knows fails', async () => {
  const { sentences, missed } = await check({ 'packages/new/src/mod.ts': 'export {};' });
  expect(missed).toEqual(['packages that stand in no group']);
  expect(sentences.join()).toContain('packages/new stands in no group');
});

test('a file may have 300 lines, a test too, and data more', async () => {
  const lines = (count: number) => '// a line\n'.repeat(count);
  expect(
    await check({
      'packages/queue/src/claim.ts': lines(300),
      'packages/simulator/src/network/catalogue.ts': lines(900),
    }),
  ).toMatchObject({ missed: [] });
  const { sentences, missed } = await check({
    'packages/queue/src/claim_test.ts': lines(301),
    'packages/queue/src/redis/claim.lua': lines(302),
  });
  expect(missed).toEqual(['longest source file']);
  expect(sentences).toEqual([
    expect.stringContaining('packages/queue/src/redis/claim.lua has 302 lines'),
    expect.stringContaining('packages/queue/src/claim_test.ts has 301 lines'),
  ]);
});

test('what git ignores does not count', async () => {
  const { missed } = await check({ '.gitignore': 'dist/\n', 'packages/queue/dist/a.js': "import './a.js';" });
  expect(missed).toEqual([]);
});
