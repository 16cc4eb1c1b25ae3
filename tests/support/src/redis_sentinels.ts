import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type RedisClientType } from 'redis';
import { freePort } from './free_port.ts';

/** What the Sentinels call the primary. */
const NAME = 'nmcp';
/** Milliseconds without an answer after which a Sentinel takes the primary for dead. */
const DOWN_MS = 500;

/** A primary with two replicas, and three Sentinels that watch them, on loopback. */
export interface SentinelRedis extends AsyncDisposable {
  /** The primary, by its name. */
  url: string;
  /** `host:port` of each Sentinel. */
  sentinels: string[];
  /** Port of the one that is the primary now, as the first Sentinel knows it. */
  primaryPort(): Promise<number>;
  /** Ends the primary at once, or stops and continues it. @returns its port */
  signalPrimary(signal: 'SIGKILL' | 'SIGSTOP'): Promise<number>;
  signal(port: number, signal: NodeJS.Signals): void;
  /** Begins a server anew on the port of one that was killed, empty, as a replica of nobody. */
  revive(port: number): void;
}

/** Starts them; nothing is kept beyond the test. */
export async function startRedisSentinels(binary: string): Promise<SentinelRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'nmcp-sentinels-'));
  const servers = new Map<number, ChildProcess>();
  const start = (port: number, args: readonly string[]): void => {
    servers.set(
      port,
      spawn(binary, [...args, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder], {
        stdio: 'ignore',
      }),
    );
  };
  const keepNothing = ['--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0'];
  const data = await Promise.all([freePort(), freePort(), freePort()]);
  const [primary, ...replicas] = data;
  start(primary, keepNothing);
  for (const port of replicas) start(port, [...keepNothing, '--replicaof', '127.0.0.1', String(primary)]);
  const watching = await Promise.all([freePort(), freePort(), freePort()]);
  for (const port of watching) {
    const file = join(folder, `${port}.conf`);
    await writeFile(
      file,
      [
        `sentinel monitor ${NAME} 127.0.0.1 ${primary} 2`,
        `sentinel down-after-milliseconds ${NAME} ${DOWN_MS}`,
        `sentinel failover-timeout ${NAME} 3000`,
      ].join('\n'),
    );
    servers.set(
      port,
      spawn(binary, [file, '--sentinel', '--port', String(port), '--bind', '127.0.0.1'], { stdio: 'ignore' }),
    );
  }
  const ask = async (port: number, words: string[]): Promise<unknown> => {
    // the default client has no modules, so that its type is the plain one
    const client = createClient({
      url: `redis://127.0.0.1:${port}`,
      socket: { reconnectStrategy: false },
    }) as unknown as RedisClientType;
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.sendCommand<unknown>(words);
    } finally {
      if (client.isOpen) client.destroy();
    }
  };
  const primaryPort = async (): Promise<number> => {
    const answer = await ask(watching[0], ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME]);
    return Number((answer as string[])[1]);
  };
  // a failover needs replicas that are in step, and Sentinels that know each other
  await until(async () => {
    const text = String(await ask(primary, ['INFO', 'replication']));
    return [...text.matchAll(/state=online/g)].length === replicas.length;
  });
  for (const port of watching)
    await until(async () =>
      /status=ok,.*slaves=2,sentinels=3/.test(String(await ask(port, ['INFO', 'sentinel']))),
    );
  const signal = (port: number, kind: NodeJS.Signals): void => void servers.get(port)?.kill(kind);
  return {
    url: `redis://${NAME}`,
    sentinels: watching.map((port) => `127.0.0.1:${port}`),
    primaryPort,
    async signalPrimary(kind) {
      const port = await primaryPort();
      signal(port, kind);
      return port;
    },
    signal,
    revive: (port) => start(port, keepNothing),
    async [Symbol.asyncDispose]() {
      for (const server of servers.values()) {
        if (server.exitCode !== null || server.signalCode !== null) continue;
        server.kill('SIGKILL');
        await once(server, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
}
