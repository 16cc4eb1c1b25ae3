import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const read = (path: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

test('the table of docs/clients.md has the versions of engines/, and every step of every client', async () => {
  const page = await read('docs/clients.md');
  const { dependencies } = JSON.parse(await read('tests/clients/engines/package.json')) as {
    dependencies: Record<string, string>;
  };
  const rows = [...page.matchAll(/^\| (\S+?)(?:, \w+)? +\| (\d\S+) +\| (HTTP|stdio) +\|(.*)\|$/gm)];
  const names = new Set(rows.map(([, name = '']) => name));
  // LangChain's core is not a client
  expect([...names, '@langchain/core'].toSorted()).toEqual(Object.keys(dependencies).toSorted());
  for (const [, name = '', version, , steps = ''] of rows) {
    expect([name, version]).toEqual([name, dependencies[name]]);
    expect(steps.split('|').map((cell) => cell.trim())).toEqual(Array(6).fill('yes'));
  }
});
