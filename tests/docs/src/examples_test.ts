import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testRedisUrl } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findExamples } from './find_examples.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
// in the package, so that the examples find what they import
const folder = join(root, 'tests/docs/generated');
const examples = findExamples(root).map((example, index) => ({
  ...example,
  file: join(folder, `example_${index}.ts`),
}));

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of examples) writeFileSync(file, `${code}\nexport {};\n`);
  if (testRedisUrl !== undefined) vi.stubEnv('REDIS_URL', testRedisUrl);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(15);
});

describe('the example at', () => {
  for (const { where, flags, file } of examples) {
    const cannotRun = flags.includes('no-run') || (flags.includes('redis') && testRedisUrl === undefined);
    test.skipIf(cannotRun)(where, async () => {
      // console.assert of Node only prints
      const assertions = vi
        .spyOn(console, 'assert')
        .mockImplementation((condition) => expect(condition).toBe(true));
      await import(/* @vite-ignore */ file);
      assertions.mockRestore();
    });
  }
});

test('all examples have the right types', () => {
  const config = {
    extends: '../../../config/tsconfig/test.json',
    compilerOptions: { noUnusedLocals: false },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], {
    encoding: 'utf8',
  });
  const places = new Map(examples.map(({ file, where }) => [file.slice(folder.length + 1), where]));
  expect(stdout.replaceAll(/example_\d+\.ts/g, (name) => places.get(name) ?? name)).toBe('');
  expect(status).toBe(0);
});
