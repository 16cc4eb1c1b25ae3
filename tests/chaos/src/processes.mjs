// The processes of a run: redis, simulator, api, w1 and w2, each on loopback and each to be killed at any time.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisServer, freePort } from '@nmcp/test-support';

const KEYS = { accessKey: 'simulator-access-key', secretKey: 'simulator-secret-key' };
const USER = { username: 'admin', password: 'simulator' };
/** Milliseconds in which a process may end by itself. */
const GRACE_MS = 10_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Chooses ports, and starts nothing yet. All that is written is below `folder`. */
export async function createProcesses(folder) {
  const redisBinary = findRedisServer();
  if (!redisBinary) throw new Error('npm run chaos needs redis-server or valkey-server on the PATH');
  const [redisPort, apiPort, scannerPort] = [await freePort(), await freePort(), await freePort()];
  const scannerUrl = `http://127.0.0.1:${scannerPort}`;
  const dataDir = join(folder, 'tasks');
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    DATA_DIR: dataDir,
    SCANNER_URL: scannerUrl,
  };
  const running = {};
  let hit;

  /** Resolves when it is ready, or has ended. */
  function start(name, command, args, env, ready) {
    const child = spawn(command, args, {
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running[name] = child;
    return new Promise((resolve) => {
      const look = (chunk) => {
        const text = String(chunk);
        const [, step] = /^hit (\S+)$/m.exec(text) ?? [];
        if (step) hit = step;
        if (ready.test(text)) resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('exit', resolve);
    });
  }

  async function kill(name, signal) {
    const child = running[name];
    if (!child || hasEnded(child)) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await gone;
    clearTimeout(late);
  }

  return {
    dataDir,
    redisUrl: environment.REDIS_URL,
    apiUrl: `http://127.0.0.1:${apiPort}`,

    startRedis() {
      const data = join(folder, 'redis');
      mkdirSync(data, { recursive: true });
      const args = ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', data];
      return start(
        'redis',
        redisBinary,
        [...args, '--appendonly', 'yes', '--appendfsync', 'always'],
        {},
        /Ready to accept connections/,
      );
    },

    /** So that the next Redis has nothing of it. */
    forgetRedis: () => rmSync(join(folder, 'redis'), { recursive: true, force: true }),

    startSimulator() {
      const args = ['--http', '--port', String(scannerPort), '--speed', '400'];
      const bin = here('../node_modules/@nmcp/simulator/dist/bin/nmcp_simulator.js');
      return start(
        'simulator',
        process.execPath,
        [bin, ...args, '--state', join(folder, 'scanner.json')],
        {},
        /Simulated Nessus at/,
      );
    },

    startApi() {
      const scanner = {
        NESSUS_URL: scannerUrl,
        NESSUS_ACCESS_KEY: KEYS.accessKey,
        NESSUS_SECRET_KEY: KEYS.secretKey,
      };
      return start(
        'api',
        process.execPath,
        [here('../../../apps/mcp-api/dist/main.js')],
        { PORT: String(apiPort), ...scanner },
        /listening/,
      );
    },

    /** One worker logs in for a session, the other has keys. */
    startWorker(name, { step = '', count = 1, fullDisk = 0, how = 'kill' } = {}) {
      const env = {
        NAME: name,
        STEP: step,
        COUNT: String(count),
        FULL_DISK: String(fullDisk),
        HOW: how,
        AUTH: JSON.stringify(name === 'w1' ? USER : KEYS),
      };
      return start(name, process.execPath, [here('worker.mjs')], env, /^working$/m);
    },

    /** Asks the simulator's inspection. */
    async inspect(method, path, body) {
      const init = { method, ...(body ? { body: JSON.stringify(body) } : {}) };
      const answer = await fetch(`${scannerUrl}/_simulator${path}`, init);
      if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
      return await answer.json();
    },

    /** The step at which a worker has killed itself since this was asked last. */
    takeHit() {
      const taken = hit;
      hit = undefined;
      return taken;
    },

    exitOf(name) {
      const child = running[name];
      return hasEnded(child) ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));
    },

    kill,

    /** Lets a stopped process go on. */
    resume(name) {
      const child = running[name];
      if (child && !hasEnded(child)) child.kill('SIGCONT');
    },

    /** Resolves when a worker has come to its step. */
    async untilHit(ms) {
      const end = Date.now() + ms;
      while (hit === undefined && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    },

    /** Resolves when nothing runs any more. */
    endAll: () => Promise.all(Object.keys(running).map((name) => kill(name, 'SIGKILL'))),

    /** At the end of this process, which waits for nothing. */
    killAll() {
      for (const child of Object.values(running)) child.kill('SIGKILL');
    },
  };
}

function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}
