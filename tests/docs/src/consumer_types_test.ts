import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const CODE = `import { createNessusClient, exportScan, NmcpError } from '@nmcp/nessus-client';
import { queryNessus, readNessus } from '@nmcp/schema';
import { type Fault, startSimulator } from '@nmcp/simulator';

await using scanner = await startSimulator();
const fault: Fault = { path: /x/ };
scanner.fail(fault);
const { url, accessKey, secretKey } = scanner;
const client = createNessusClient({ url, auth: { accessKey, secretKey } });
try {
  for await (const batch of readNessus(await exportScan(client, 5))) console.log(batch.length);
  for await (const line of queryNessus(() => exportScan(client, 5))) console.log(line);
  for await (const bytes of await exportScan(client, 5)) console.log(new Blob([bytes]).size);
} catch (error) {
  if (error instanceof NmcpError) console.log(error.code);
}
`;

/** A program of somebody else: declarations are checked, the settings are the compiler's own, there is no DOM. */
const OPTIONS = {
  strict: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  types: ['node'],
  noEmit: true,
  skipLibCheck: false,
};

test('the packages compile in a program that has other settings, and no DOM', () => {
  const folder = join(root, 'tests/docs/generated_consumer'); // in the package, so that it finds what it imports
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'program.ts'), CODE);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }));
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(stdout).toBe('');
}, 30_000);
