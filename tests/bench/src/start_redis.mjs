import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRedisQueue } from '@nmcp/queue';
import { freePort } from './free_port.mjs';

/** Redis of REDIS_URL, else a private one. */
export async function startRedis() {
  const given = process.env.REDIS_URL;
  if (given) return { url: given, stop() {} };
  const binary = ['redis-server', 'valkey-server'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (!binary) throw new Error('Neither REDIS_URL nor redis-server or valkey-server on the PATH');
  const folder = mkdtempSync(join(tmpdir(), 'nmcp-bench-redis-'));
  const port = await freePort();
  const server = spawn(
    binary,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    { stdio: 'ignore' },
  );
  const url = `redis://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const opened = await createRedisQueue({ url }).catch(() => undefined);
    if (opened) {
      await opened.close();
      break;
    }
    if (tries > 200) throw new Error('The private Redis did not start');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {
    url,
    stop() {
      server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
