import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appPath } from './app_process.ts';

/** Every program, and what makes it start. */
const PROGRAMS: Readonly<Record<string, { file: string; start: readonly string[] }>> = {
  'nmcp-api': { file: appPath('mcp-api'), start: [] },
  'nmcp-worker': { file: appPath('worker'), start: [] },
  'nmcp serve': { file: appPath('standalone'), start: ['serve'] },
  'nmcp-admin': { file: appPath('admin-cli'), start: ['doctor'] },
  'nmcp-simulator': {
    file: fileURLToPath(new URL('../../../packages/simulator/dist/bin/nmcp_simulator.js', import.meta.url)),
    start: [],
  },
};

interface Ended {
  code: number | null;
  said: string;
}

/** Runs a program that is to end at once. */
async function run(
  program: string,
  more: readonly string[],
  environment: Record<string, string> = {},
  uid?: number,
): Promise<Ended> {
  const { file, start } = PROGRAMS[program] ?? { file: '', start: [] };
  const child = spawn(process.execPath, [file, ...start, ...more], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', PORT: '0', ...environment },
    ...(uid === undefined ? {} : { uid }),
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  await once(child, 'close');
  return { code: child.exitCode, said };
}

describe('a start that cannot be', () => {
  let folder: AsyncDisposable & { path: string };
  let taken: { port: number; close(): void };
  beforeAll(async () => {
    folder = await tempFolder();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    taken = { port: (server.address() as AddressInfo).port, close: () => server.close() };
  });
  afterAll(async () => {
    taken.close();
    await folder[Symbol.asyncDispose]();
  });

  test.each(Object.keys(PROGRAMS))('%s says what it takes when an option is unknown', async (program) => {
    const { code, said } = await run(program, ['--bogus']);
    expect([code, said]).toEqual([2, expect.stringMatching(/bogus.*--help|bogus.*takes --/s)]);
    expect(said).not.toMatch(/^ +at /m);
  });

  test.each([
    ['nmcp-api', 'SCANNER_CONFIG', /scanner configuration cannot be read: ENOENT.*gone/],
    ['nmcp-worker', 'SCANNER_CONFIG', /scanner configuration cannot be read: ENOENT.*gone/],
    ['nmcp serve', 'SCANNER_CONFIG', /scanner configuration cannot be read: ENOENT.*gone/],
    ['nmcp-admin', 'SCANNER_CONFIG', /scanner configuration cannot be read: ENOENT.*gone/],
    ['nmcp-api', 'POLICY_FILE', /policy.*ENOENT.*gone/i],
    ['nmcp-worker', 'POLICY_FILE', /policy.*ENOENT.*gone/i],
    ['nmcp serve', 'POLICY_FILE', /policy.*ENOENT.*gone/i],
  ])('%s names the file of %s that is missing', async (program, variable, message) => {
    const { code, said } = await run(program, [], {
      [variable]: join(folder.path, 'gone.yaml'),
      DATA_DIR: join(folder.path, 'd1'),
    });
    expect([code, said]).toEqual([program === 'nmcp-admin' ? 1 : 2, expect.stringMatching(message)]);
    expect(said).not.toMatch(/^ +at /m);
  });

  test.each(['nmcp-api', 'nmcp-worker', 'nmcp serve', 'nmcp-admin'])(
    '%s refuses a secret key that others can read, and says how to mend it',
    async (program) => {
      const key = join(folder.path, 'key');
      await writeFile(key, `${Buffer.alloc(32, 1).toString('base64')}\n`);
      await chmod(key, 0o644);
      const { code, said } = await run(program, [], {
        SECRET_KEY_FILE: key,
        DATA_DIR: join(folder.path, 'd2'),
      });
      expect([code, said]).toEqual([
        program === 'nmcp-admin' ? 1 : 2,
        expect.stringContaining(`chmod 600 ${key}`),
      ]);
    },
  );

  test.each([
    ['nmcp-api', 'PORT', []],
    ['nmcp-worker', 'WORKER_PORT', []],
    ['nmcp serve', 'PORT', []],
    ['nmcp-simulator', '', ['--port']],
  ])('%s says that its port is taken', async (program, variable, option) => {
    const { code, said } = await run(program, option.length > 0 ? [...option, String(taken.port)] : [], {
      ...(variable ? { [variable]: String(taken.port) } : {}),
      DATA_DIR: join(folder.path, 'd3'),
    });
    expect([code, said]).toEqual([
      2,
      expect.stringMatching(
        new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${taken.port}: another program listens there`),
      ),
    ]);
    expect(said).not.toMatch(/^ +at /m);
  });

  test.skipIf(process.getuid?.() !== 0).each(['nmcp-api', 'nmcp-worker', 'nmcp serve', 'nmcp-admin'])(
    '%s says whose a data directory is that it may not use',
    async (program) => {
      const dataDir = join(folder.path, `of-another-${program.replace(' ', '-')}`);
      await mkdir(dataDir, { mode: 0o700 });
      await chmod(folder.path, 0o755);
      await chown(dataDir, 12_345, 12_345);
      const { code, said } = await run(program, [], { DATA_DIR: dataDir }, 12_346);
      expect([code, said]).toEqual([
        program === 'nmcp-admin' ? 1 : 2,
        expect.stringMatching(/data directory|DATA_DIR/i),
      ]);
      expect(said).toMatch(/belongs to user 12345/);
      expect(said).not.toMatch(/^ +at /m);
    },
  );
});
