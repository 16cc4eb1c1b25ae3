import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free_port.ts';

/** A Redis server of the tests' own, on the loopback interface. */
export interface PrivateRedis {
  url: string;
  stop(): Promise<void>;
}

/** Path of a Redis or Valkey server on this machine. */
export function findRedisServer(): string | undefined {
  return ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
}

/** Starts a server that keeps nothing; further arguments go to it as they are. */
export async function startRedis(binary: string, args: readonly string[] = []): Promise<PrivateRedis> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'nmcp-redis-'));
  const server = spawn(
    binary,
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
      ...args,
    ],
    { stdio: 'ignore' },
  );
  await untilListening(port, server);
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      if (server.exitCode === null) {
        server.kill('SIGTERM');
        await once(server, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Redis of REDIS_URL, else a private one. */
export async function givenOrPrivateRedis(): Promise<PrivateRedis> {
  const given = process.env.REDIS_URL;
  if (given) return { url: given, stop: async () => {} };
  const binary = findRedisServer();
  if (binary === undefined)
    throw new Error('Neither REDIS_URL nor redis-server or valkey-server on the PATH');
  return await startRedis(binary);
}

async function untilListening(port: number, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && server.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`The private Redis on port ${port} did not start`);
}
