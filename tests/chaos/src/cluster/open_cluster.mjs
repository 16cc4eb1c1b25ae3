// All processes of the cluster, and what the people and the oracle of chaos know of a world.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findRedisServer, freePort, startPostgres, startRedisSentinels, startS3 } from '@nmcp/test-support';
import { createProxyServer } from 'httpxy';
import { scannersFile } from '../scanners_file.mjs';
import { SCANNERS } from '../settings.mjs';
import { createTaskPlace } from '../task_places.mjs';
import { SETTINGS } from './settings.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PRELOAD = here('../preload/preload.mjs');
/** The folder of this version. */
export const ROOT = here('../../../..');
const appOf = (root, name) => join(root, `apps/${name}/bin/main.js`);
export const APIS = ['api1', 'api2', 'api3'];
export const WORKERS = ['w1', 'w2', 'w3', 'w4'];
/** Each takes some seconds of the simulator's time. */
const SPEED = 12;

/**
 * @param hear told of what processes say: points, calls, lines of their logs
 * @param root where the version stands that the processes are of at first
 */
export async function openCluster(folder, hear, { root = ROOT } = {}) {
  const [postgres, redis, s3] = await Promise.all([
    startPostgres(),
    startRedisSentinels(findRedisServer() ?? ''),
    startS3(),
  ]);
  if (!postgres || !s3) throw new Error('npm run cluster needs PostgreSQL and Swift from Debian');
  await s3.makeBucket('exports');
  const place = await createTaskPlace(join(folder, 'nobody'), postgres);
  const ports = Object.fromEntries(await Promise.all(SCANNERS.map(async (id) => [id, await freePort()])));
  const apiPorts = await Promise.all(APIS.map(() => freePort()));
  const environment = {
    PATH: process.env.PATH,
    ...place.environment,
    INVENTORY_URL: place.environment.TASKS_URL,
    REDIS_URL: redis.url,
    REDIS_SENTINELS: redis.sentinels.join(','),
    RESULTS_URL: 's3://exports/cluster',
    ...s3.environment,
    NMCP_SECRET_KEY: randomBytes(32).toString('base64'),
    SCANNER_CONFIG: join(folder, 'scanners.yaml'),
    ...SETTINGS,
  };
  writeFileSync(environment.SCANNER_CONFIG, scannersFile('all', ports));
  const running = new Map();
  /** Where the version of each process stands. */
  const roots = new Map([...APIS, ...WORKERS].map((name) => [name, root]));
  let isOver = false;

  function launch(name, command, args, { env, ready }) {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'ipc'] });
    running.set(name, child);
    const log = createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
    const { pid } = child;
    createInterface({ input: child.stdio[3] }).on('line', (line) => hear({ ...JSON.parse(line), pid }));
    return new Promise((resolve) => {
      const look = (line) => {
        log.write(`${line}\n`);
        if (ready.test(line)) resolve();
        if (line.startsWith('{')) hear({ log: JSON.parse(line), at: Date.now(), pid });
      };
      createInterface({ input: child.stdout }).on('line', look);
      createInterface({ input: child.stderr }).on('line', look);
      child.once('exit', () => {
        log.end();
        resolve();
      });
    });
  }

  /** Each on a host of its own: with a folder, and under a name. */
  const hostOf = (name, arms = []) => {
    const dataDir = join(folder, 'hosts', name);
    mkdirSync(dataDir, { recursive: true });
    const port = name.startsWith('api') ? { PORT: String(apiPorts[APIS.indexOf(name)]) } : {};
    const preload = { name, factor: 1, base: 0, shiftMs: 0, arms };
    return { ...environment, HOME: dataDir, DATA_DIR: dataDir, ...port, NMCP_CHAOS: JSON.stringify(preload) };
  };

  /** Starts an app, and again whenever it ends without being told to. */
  async function up(name, arms = []) {
    const file = appOf(roots.get(name), name.startsWith('api') ? 'mcp-api' : 'worker');
    await launch(name, process.execPath, ['--import', PRELOAD, file], {
      env: hostOf(name, arms),
      ready: /"working"|"listening"/,
    });
    const child = running.get(name);
    const again = () =>
      setTimeout(() => {
        if (!isOver && running.get(name) === child && !child.wasKilled) void up(name);
      }, 500);
    if (hasEnded(child)) again();
    else child.once('exit', again);
  }

  async function kill(name, signal = 'SIGKILL') {
    const child = running.get(name);
    if (!child || hasEnded(child)) return;
    child.wasKilled = true;
    const gone = once(child, 'exit');
    child.kill(signal);
    child.kill('SIGCONT');
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(late);
  }

  const proxy = createProxyServer({});
  let next = 0;
  const front = createServer((request, answer) => {
    const port = apiPorts[next++ % apiPorts.length];
    proxy.web(request, answer, { target: `http://127.0.0.1:${port}` }).catch(() => answer.destroy());
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');

  const inspect = async (scanner, method, path, body) => {
    const init = {
      method,
      signal: AbortSignal.timeout(5000),
      ...(body ? { body: JSON.stringify(body) } : {}),
    };
    const answer = await fetch(`http://127.0.0.1:${ports[scanner]}/_simulator${path}`, init);
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return await answer.json();
  };

  await launch('scanners', process.execPath, [here('../sims.mjs')], {
    env: {
      ...process.env,
      PORTS: Object.values(ports).join(','),
      SPEED: String(SPEED),
      STATE: join(folder, 'scanner'),
    },
    ready: /scanners are there/,
  });
  for (const name of [...APIS, ...WORKERS]) await up(name);

  return {
    place,
    postgres,
    redis,
    s3,
    environment,
    apiUrl: `http://127.0.0.1:${front.address().port}`,
    up,
    kill,
    /** Ends it, and starts it with points at which something happens. */
    async again(name, arms) {
      await kill(name);
      await up(name, arms);
    },
    /** Ends it as an operator does, and starts it in another version. */
    async replace(name, otherRoot) {
      await kill(name, 'SIGTERM');
      roots.set(name, otherRoot);
      await up(name);
    },
    signal: (name, signal) => void running.get(name)?.kill(signal),
    inspect,
    async scans() {
      const lists = await Promise.all(
        SCANNERS.map((scanner) => inspect(scanner, 'GET', '/scans').catch(() => ({ scans: [] }))),
      );
      return lists.flatMap(({ scans }) => scans);
    },
    async callScanner(scanner, method, path) {
      const headers = { 'x-apikeys': 'accessKey=simulator-access-key; secretKey=simulator-secret-key' };
      return await fetch(`http://127.0.0.1:${ports[scanner]}${path}`, { method, headers });
    },
    async admin(name, args) {
      let text = '';
      const child = spawn(process.execPath, [appOf(ROOT, 'admin-cli'), ...args, '--json'], {
        env: hostOf(name),
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      child.stdout.on('data', (chunk) => {
        text += chunk;
      });
      const [code] = await once(child, 'close');
      return code === 0 ? JSON.parse(text) : undefined;
    },
    elapsed: (at) => at - performance.timeOrigin,
    clock: (at) => at,
    async stopApps() {
      isOver = true;
      await Promise.all([...APIS, ...WORKERS].map((name) => kill(name, 'SIGTERM')));
    },
    async end() {
      isOver = true;
      await Promise.all([...running.keys()].map((name) => kill(name)));
      front.closeAllConnections();
      front.close();
      await place.close();
      await postgres[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
    /** At the end of this process, which waits for nothing. */
    killAll() {
      for (const child of running.values()) child.kill('SIGKILL');
    },
  };
}

function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}
