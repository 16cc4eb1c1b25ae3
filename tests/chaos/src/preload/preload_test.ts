import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';

const PRELOAD = fileURLToPath(new URL('preload.mjs', import.meta.url));

/** Runs code that imports as the apps do, under the preload. */
async function run(code: string, arms: object[] = []) {
  const folder = await tempFolder();
  const chaos = { name: 'p', factor: 20, base: Date.now(), shiftMs: 3_600_000, arms };
  const { stdout, stderr, signal, output } = spawnSync(
    process.execPath,
    ['--import', PRELOAD, '--input-type=module', '--eval', code],
    {
      env: { ...process.env, FOLDER: folder.path, NMCP_CHAOS: JSON.stringify(chaos) },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  return {
    stdout,
    stderr,
    signal,
    hits: output[3],
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
    folder,
  };
}

test('all clocks run faster together, and the wall clock is off', async () => {
  const begun = Date.now();
  await using t = await run(`
    import { setTimeout as delay } from 'node:timers/promises';
    const [wall, monotonic] = [Date.now(), performance.now()];
    await delay(1000);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    console.log(JSON.stringify([Date.now() - wall, performance.now() - monotonic, new Date() - ${begun}]));
  `);
  const [wall, monotonic, shift] = JSON.parse(t.stdout);
  for (const passed of [wall, monotonic]) expect(passed).toBeGreaterThanOrEqual(1990);
  expect(Math.abs(wall - monotonic)).toBeLessThan(1500); // between two looks the process can be kept waiting
  expect(shift).toBeGreaterThan(3_600_000);
});

const WRITE = `
  import { open, rename } from 'node:fs/promises';
  const path = process.env.FOLDER + '/task.json';
  const file = await open(path + '.part', 'wx');
  await file.writeFile('text').catch((error) => console.log(error.code));
  await file.writeFile('text');
  await file.close();
  await rename(path + '.part', path).catch((error) => console.log(error.code));
  console.log('end');
`;

test('the disk fails where it is told to, before or after the effect', async () => {
  await using t = await run(WRITE, [
    { point: 'fs.write task:before', how: 'ENOSPC' },
    { point: 'fs.rename task:after', how: 'EIO' },
  ]);
  expect(t.stdout.split('\n')).toEqual(['ENOSPC', 'EIO', 'end', '']);
  expect(readFileSync(join(t.folder.path, 'task.json'), 'utf8')).toBe('text');
  expect(t.hits).toMatch(/"hit":"fs.write task:before","how":"ENOSPC".*\n.*"hit":"fs.rename task:after"/);
});

test('a process ends at its point, the time that was meant, and has said so', async () => {
  await using t = await run(WRITE, [{ point: 'fs.write task:after', count: 2, how: 'kill' }]);
  expect([t.signal, t.stdout]).toEqual(['SIGKILL', '']);
  expect(t.hits).toMatch(/"hit":"fs.write task:after","how":"kill"/);
});
