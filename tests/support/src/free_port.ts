import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Below the ports that systems give to outgoing connections, which would take a port between two starts of a server. */
const [FIRST, LAST] = [15_000, 32_000];
const ATTEMPTS = 50;
/** A file for each port that was given to somebody, with the process that asked: they may be long in listening on it. */
const GIVEN = join(tmpdir(), `nmcp-test-ports-${process.getuid?.() ?? ''}`);
const mine: string[] = [];
process.on('exit', () => {
  for (const file of mine) rmSync(file, { force: true });
});

/** A port of loopback that is free, and that no other test gets while this process lives. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (isMineNow(port) && (await isFree(port))) return port;
  }
  throw new Error('No port is free');
}

function isMineNow(port: number): boolean {
  const file = join(GIVEN, String(port));
  mkdirSync(GIVEN, { recursive: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    if (hasOwner(file)) return false;
    rmSync(file, { force: true }); // of a process that was killed; whoever comes next may have it
    return false;
  }
  mine.push(file);
  return true;
}

function hasOwner(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
