// The Redis of a run: killed, wiped, put back as it was a while ago, replaced by a replica, made read-only.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findRedisServer, freePort } from '@nmcp/test-support';
import { createRedisProxy } from './redis_proxy.mjs';
import { redisCommand } from './resp.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param folder where its data are
 * @param start starts a process, and resolves when it is ready
 * @param kill kills a process by its name
 * @param clock the time of the processes under test at a real one
 * @param onLost told of each answer that the proxy has lost
 */
export async function createRedisServers({ folder, start, kill, clock, onLost }) {
  const binary = findRedisServer();
  if (!binary) throw new Error('npm run chaos needs redis-server or valkey-server on the PATH');
  const [first, second, front] = [await freePort(), await freePort(), await freePort()];
  const proxy = await createRedisProxy(front, first, { clock, onLost });
  const dataOf = (name) => join(folder, name);
  const snapshot = join(folder, 'snapshot');
  let main = { name: 'redis', port: first };
  let spare = { name: 'redis2', port: second };

  function run({ name, port }, ...more) {
    mkdirSync(dataOf(name), { recursive: true });
    const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dataOf(name), '--save', ''];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--repl-diskless-sync-delay', '0'];
    return start(name, binary, [...place, ...durable, ...more], /Ready to accept connections/);
  }

  /** Puts a replica beside it that has all that it has. */
  async function addReplica() {
    await run(spare, '--replicaof', '127.0.0.1', String(main.port));
    for (let tries = 0; tries < 200; tries++) {
      if ((await redisCommand(spare.port, 'INFO', 'replication')).includes('master_link_status:up')) return;
      await sleep(20);
    }
    throw new Error('The replica does not follow');
  }

  function change() {
    [main, spare] = [spare, main];
    proxy.leadTo(main.port);
  }

  return {
    url: `redis://127.0.0.1:${front}`,
    proxy,
    get port() {
      return main.port;
    },
    begin: () => run(main),
    async restart() {
      await kill(main.name);
      await run(main);
    },
    async wipe() {
      await kill(main.name);
      rmSync(dataOf(main.name), { recursive: true, force: true });
      await run(main);
    },
    /** Keeps what is on its disk now, so that {@link restore} can put it back. */
    keep() {
      rmSync(snapshot, { recursive: true, force: true });
      cpSync(dataOf(main.name), snapshot, { recursive: true });
    },
    async restore() {
      await kill(main.name);
      rmSync(dataOf(main.name), { recursive: true, force: true });
      cpSync(snapshot, dataOf(main.name), { recursive: true });
      await run(main);
    },
    /** Another server takes over, which has not heard of what was done in the last `lagMs`. */
    async failOver(lagMs) {
      await addReplica();
      await redisCommand(spare.port, 'REPLICAOF', 'NO', 'ONE');
      await sleep(lagMs);
      await kill(main.name);
      change();
    },
    /** For a while it takes no writes, as a demoted one; then everybody is led to the new one. */
    async demote(ms) {
      await addReplica();
      await redisCommand(spare.port, 'REPLICAOF', 'NO', 'ONE');
      await redisCommand(main.port, 'REPLICAOF', '127.0.0.1', String(spare.port));
      await sleep(ms);
      await kill(main.name);
      change();
    },
    close: () => proxy.close(),
  };
}
