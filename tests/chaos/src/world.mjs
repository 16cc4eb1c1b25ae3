// Everything of one round: Redis, the scanners, the API and two workers, each a process on loopback, all below one folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, untilAnswers } from '@nmcp/test-support';
import { createRedisServers } from './redis_servers.mjs';
import { scannersFile } from './scanners_file.mjs';
import { FACTOR, HURRIED, SCANNERS } from './settings.mjs';
import { createTaskPlace } from './task_places.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PRELOAD = here('preload/preload.mjs');
const APPS = {
  api: here('../../../apps/mcp-api/bin/main.js'),
  worker: here('../../../apps/worker/bin/main.js'),
  admin: here('../../../apps/admin-cli/bin/main.js'),
};
/** Milliseconds in which a process may end by itself. */
const GRACE_MS = 15_000;
/** A process that ends without being told to is started again after so many milliseconds, as an init system does. */
const RESTART_MS = 500;
/** Milliseconds in which a command of nmcp-admin ends, whatever is away. */
const ADMIN_MS = 60_000;
const POLICY = 'default:\n  approval: {targets: ["192.0.2.64/26"], by: operator}\n';

/**
 * Chooses ports and writes the configuration; nothing is started yet.
 *
 * @param hear told of what processes say: points that were hit, calls that were made, lines of their logs
 */
export async function createWorld({ folder, store, postgres, speed, hear }) {
  const base = Date.now();
  const dataDir = join(folder, 'tasks');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const running = new Map();
  const isDown = new Set();
  /** By how much the wall clocks of processes are off. */
  const shifts = new Map();
  let isOver = false;
  const servers =
    store !== 'embedded'
      ? await createRedisServers({
          folder,
          start: (name, command, args, ready) => launch(name, command, args, { ready }),
          kill: (name) => kill(name, 'SIGKILL'),
          clock: (real) => base + FACTOR * (real - base),
          onLost: (hit) => hear('proxy', { hit, how: 'lost', at: Date.now() }),
        })
      : undefined;
  const place = await createTaskPlace(dataDir, store === 'postgres' ? postgres : undefined);
  const apiPort = await freePort();
  const ports = Object.fromEntries(await Promise.all(SCANNERS.map(async (id) => [id, await freePort()])));
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    DATA_DIR: dataDir,
    SCANNER_CONFIG: join(folder, 'scanners.yaml'),
    POLICY_FILE: join(folder, 'policy.yaml'),
    PORT: String(apiPort),
    ...(servers ? { REDIS_URL: servers.url } : {}),
    ...place.environment,
    ...HURRIED,
  };
  writeFileSync(environment.POLICY_FILE, POLICY);
  writeScanners('all');

  /** Editors and Kubernetes put a new file in the old one's place. */
  function writeScanners(variant) {
    writeFileSync(`${environment.SCANNER_CONFIG}.new`, scannersFile(variant, ports));
    renameSync(`${environment.SCANNER_CONFIG}.new`, environment.SCANNER_CONFIG);
  }

  /** Resolves when it is ready, or has ended. */
  function launch(name, command, args, { env = {}, ready }) {
    const child = spawn(command, args, {
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...(env.NMCP_CHAOS ? ['ipc'] : [])],
    });
    child.on('error', () => {});
    running.set(name, child);
    const log = createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
    const { pid } = child;
    createInterface({ input: child.stdio[3] }).on('line', (line) => hear(name, { ...JSON.parse(line), pid }));
    return new Promise((resolve) => {
      const look = (line) => {
        log.write(`${line}\n`);
        if (ready.test(line)) resolve();
        if (line.startsWith('{')) hear(name, { log: JSON.parse(line), at: Date.now(), pid });
      };
      createInterface({ input: child.stdout }).on('line', look);
      createInterface({ input: child.stderr }).on('line', look);
      child.once('exit', () => {
        log.end();
        resolve();
      });
    });
  }

  /** What the preload is told. A process that comes again is on the same machine, and has the same clock. */
  const preloaded = (name, arms) =>
    JSON.stringify({ name, factor: FACTOR, base, shiftMs: shifts.get(name) ?? 0, arms });

  /** An app of ours, under another clock and with points. */
  function run(name, file, { args = [], arms = [], env = {}, ready = /"working"|"listening"/ } = {}) {
    return launch(name, process.execPath, ['--import', PRELOAD, file, ...args], {
      env: { ...env, NMCP_CHAOS: preloaded(name, arms) },
      ready,
    });
  }

  /** Starts one of ours, and again whenever it ends without being told to. */
  async function up(name, options = {}) {
    const before = running.get(name);
    if (isOver || (before && !hasEnded(before))) return;
    isDown.delete(name);
    if (name === 'scanners')
      await run(name, here('sims.mjs'), {
        env: { PORTS: Object.values(ports).join(','), SPEED: String(speed), STATE: join(folder, 'scanner') },
        ready: /scanners are there/,
      });
    else await run(name, name === 'api' ? APPS.api : APPS.worker, options);
    const child = running.get(name);
    const again = () => {
      if (isDown.has(name) || running.get(name) !== child) return;
      setTimeout(() => isDown.has(name) || up(name), RESTART_MS);
    };
    if (hasEnded(child)) again();
    else child.once('exit', again);
  }

  async function kill(name, signal) {
    isDown.add(name);
    const child = running.get(name);
    if (!child || hasEnded(child)) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    if (signal !== 'SIGKILL') child.kill('SIGCONT');
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await gone;
    clearTimeout(late);
  }

  return {
    folder,
    dataDir,
    servers,
    place,
    apiUrl: `http://127.0.0.1:${apiPort}`,
    writeScanners,
    up,
    kill,
    /** Production's time that has passed since the start, in milliseconds. */
    elapsed: (real = Date.now()) => FACTOR * (real - base),
    /** The time of the processes under test at a real one. */
    clock: (real = Date.now()) => base + FACTOR * (real - base),
    /** The process is to be started again by whoever asked for its death. */
    markDown: (name) => isDown.add(name),
    pidOf: (name) => running.get(name)?.pid,
    signal(name, signal) {
      const child = running.get(name);
      if (child && !hasEnded(child)) child.kill(signal);
    },
    /** The wall clock of a process jumps, and is so from now on. */
    jump(name, jumpMs) {
      shifts.set(name, (shifts.get(name) ?? 0) + jumpMs);
      const child = running.get(name);
      if (child?.connected) child.send({ jumpMs }, () => {});
    },
    /** Runs nmcp-admin, as an operator does; resolves when it has ended. */
    async admin(name, args) {
      let text = '';
      shifts.set(name, shifts.get('api') ?? 0); // it is typed on the API's machine
      const child = spawn(process.execPath, ['--import', PRELOAD, APPS.admin, ...args, '--json'], {
        env: { ...environment, NMCP_CHAOS: preloaded(name, []) },
        stdio: ['ignore', 'pipe', 'ignore', 'pipe', 'ipc'],
      });
      running.set(name, child);
      child.stdout.on('data', (chunk) => {
        text += chunk;
      });
      child.stdio[3].resume();
      const late = setTimeout(() => child.kill('SIGKILL'), ADMIN_MS);
      const [code, signal] = await once(child, 'close');
      clearTimeout(late);
      if (signal === 'SIGKILL') return 'hangs';
      return code === 0 ? JSON.parse(text) : undefined;
    },
    /** Resolves when the scanners answer, whatever was done to them. */
    async untilScannersAnswer() {
      await up('scanners');
      for (const port of Object.values(ports))
        await untilAnswers(`http://127.0.0.1:${port}/_simulator/effects`);
    },
    /** Asks a scanner's inspection. */
    async inspect(scanner, method, path, body) {
      const init = {
        method,
        signal: AbortSignal.timeout(2000),
        ...(body ? { body: JSON.stringify(body) } : {}),
      };
      const answer = await fetch(`http://127.0.0.1:${ports[scanner]}/_simulator${path}`, init);
      if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
      return await answer.json();
    },
    /** Calls a scanner's API, as a person at its own user interface does. */
    async callScanner(scanner, method, path) {
      const headers = { 'x-apikeys': 'accessKey=simulator-access-key; secretKey=simulator-secret-key' };
      const signal = AbortSignal.timeout(5000);
      return await fetch(`http://127.0.0.1:${ports[scanner]}${path}`, { method, headers, signal });
    },
    async end() {
      isOver = true;
      await Promise.all([...running.keys()].map((name) => kill(name, 'SIGKILL')));
      servers?.close();
      await place.close();
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
