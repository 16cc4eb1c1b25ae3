// npm run chaos -- [--rounds N] [--seed S] [--json]
// Each round submits scans through the API, kills something in the middle while the scanner or the disk does something
// wrong, restarts it, waits, and asks an oracle. All of it are processes of their own on loopback.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createResultsReader } from '@nmcp/results';
import { createTaskStore } from '@nmcp/tasks';
import { FAULTS, faultsOf } from './faults.mjs';
import { STEPS } from './steps.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (text) => console.error(`[chaos] ${text}`);
const STUCK_MS = 60_000;
/** Times that a worker shall be killed at each step in a long run. */
const MIN_HITS = 5;
/** Milliseconds that a worker has to come to its step. */
const STEP_MS = 6000;
const TARGETS = '192.0.2.0/29';
/** Every second round kills a worker at a step. */
const KINDS = [
  'step',
  'kill both workers',
  'step',
  'kill api',
  'step',
  'restart redis',
  'step',
  'wipe redis',
  'step',
  'kill simulator',
];

/** mulberry32 */
let state = Number(values.seed) >>> 0;
const random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const oneOf = (items) => items[Math.floor(random() * items.length)];

const folder = mkdtempSync(join(tmpdir(), 'nmcp-chaos-'));
const dataDir = join(folder, 'tasks');
const [redisPort, apiPort, scannerPort] = [await freePort(), await freePort(), await freePort()];
const redisUrl = `redis://127.0.0.1:${redisPort}`;
const scannerUrl = `http://127.0.0.1:${scannerPort}`;
const KEYS = { accessKey: 'simulator-access-key', secretKey: 'simulator-secret-key' };
const USER = { username: 'admin', password: 'simulator' };
const tasks = createTaskStore({ dataDir });
const results = createResultsReader();
const environment = {
  PATH: process.env.PATH,
  HOME: folder,
  REDIS_URL: redisUrl,
  DATA_DIR: dataDir,
  SCANNER_URL: scannerUrl,
};
const redisBinary = ['redis-server', 'valkey-server'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);
if (!redisBinary) throw new Error('npm run chaos needs redis-server or valkey-server on the PATH');

const processes = {};
const totals = { submitted: 0, completed: 0, failed: 0, lost: 0, duplicates: 0, stuck: 0, incomplete: 0 };
/** Kill at a step, or of something else, to how often it was done with each fault. */
const hits = new Map();
const faultNames = Object.keys(FAULTS);
const accepted = [];

process.on('exit', () => {
  for (const child of Object.values(processes)) child?.kill?.('SIGKILL');
});
await startRedis();
await startSimulator();
await startApi();
for (let round = 0; round < rounds; round++) {
  const kind = KINDS[round % KINDS.length];
  const step = kind === 'step' ? STEPS[Math.floor(round / 2) % STEPS.length] : undefined;
  await playRound(`round ${round + 1} of ${rounds}`, kind, step);
}
// a fault can keep a worker from its step: those that were seldom reached are tried again
for (let extra = 1; extra <= rounds / 10; extra++) {
  const step = STEPS.find((name) => timesHit(name) < MIN_HITS);
  if (step === undefined || rounds < STEPS.length * MIN_HITS) break;
  await playRound(`extra round ${extra}`, 'step', step);
}
await oracle();
finish();

async function playRound(title, kind, step) {
  const count = step === undefined || random() < 0.8 ? 1 : 2;
  const fault = oneOf(faultNames);
  say(`${title}: ${kind}${step ? ` ${step}, time ${count}` : ''}; ${fault}`);
  const fullDisk = fault === 'full disk' ? 2 : 0;
  await bring(fault);
  await startWorker('w1', { step, count, fullDisk });
  if (step === undefined) await startWorker('w2', { fullDisk });
  const submitting = Promise.all(Array.from({ length: 3 }, () => submit()));
  if (step !== undefined) {
    await Promise.race([exitOf('w1'), sleep(STEP_MS)]); // alone, so that it comes to its step
    await startWorker('w2', { fullDisk });
  }
  await disturb(kind);
  accepted.push(...(await submitting).filter((id) => id !== undefined));
  await sleep(100 + random() * 300);
  await kill('w1', 'SIGKILL'); // a worker that was not killed yet is killed now
  await startWorker('w1', { fullDisk });
  await untilQuiet();
  const wasHit = step === undefined || processes.hit === step;
  if (wasHit) count1(step ?? kind, fault);
  processes.hit = undefined;
  await Promise.all([kill('w1', 'SIGTERM'), kill('w2', 'SIGTERM')]);
  await simulator('DELETE', '/faults');
}

function count1(what, fault) {
  const row = hits.get(what) ?? new Map();
  row.set(fault, (row.get(fault) ?? 0) + 1);
  hits.set(what, row);
}

function timesHit(step) {
  return [...(hits.get(step)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
}

/** Lets the scanner go wrong for a while. */
async function bring(fault) {
  for (const body of faultsOf(fault, oneOf)) await simulator('POST', '/faults', body);
  if (fault !== 'loading') return;
  await simulator('POST', '/loading', { loading: true });
  setTimeout(() => simulator('POST', '/loading', { loading: false }).catch(() => {}), 700);
}

/** Asks the simulator's inspection. */
async function simulator(method, path, body) {
  const init = { method, ...(body ? { body: JSON.stringify(body) } : {}) };
  const answer = await fetch(`${scannerUrl}/_simulator${path}`, init);
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return await answer.json();
}

async function disturb(kind) {
  await sleep(random() * 500);
  if (kind === 'kill api') {
    await kill('api', 'SIGKILL');
    await startApi();
  } else if (kind === 'restart redis') {
    await kill('redis', 'SIGKILL');
    await startRedis();
  } else if (kind === 'wipe redis') {
    await kill('redis', 'SIGKILL');
    rmSync(join(folder, 'redis'), { recursive: true, force: true });
    await startRedis();
  } else if (kind === 'kill both workers') {
    await Promise.all([kill('w1', 'SIGKILL'), kill('w2', 'SIGKILL')]);
    await startWorker('w2');
  } else if (kind === 'kill simulator') {
    await kill('simulator', 'SIGKILL');
    await sleep(random() * 300);
    await startSimulator();
  }
}

/** Waits until every accepted task is final. */
async function untilQuiet() {
  const end = Date.now() + STUCK_MS;
  while (Date.now() < end) {
    const open = await Promise.all(
      accepted.map((id) =>
        tasks.read(id).then(
          ({ status }) => status === 'queued' || status === 'running',
          () => false,
        ),
      ),
    );
    if (!open.includes(true)) return;
    await sleep(100);
  }
}

/** Reads task.json and the scanner's own list: nothing lost, nothing twice, nothing stuck, results whole. */
async function oracle() {
  const scansByMarker = new Map();
  const { scans } = await simulator('GET', '/scans');
  for (const scan of scans) {
    const [marker = ''] = /\[nmcp:[^\]]+\]/.exec(scan.description) ?? [];
    scansByMarker.set(marker, (scansByMarker.get(marker) ?? 0) + 1);
  }
  totals.duplicates =
    [...scansByMarker.values()].filter((count) => count > 1).length +
    scans.filter(({ launches }) => launches > 1).length;
  totals.submitted = accepted.length;
  for (const id of accepted) {
    const task = await tasks.read(id).catch(() => undefined);
    if (!task) totals.lost++;
    else if (task.status === 'completed') {
      totals.completed++;
      const index = await results.open(tasks.paths(id).native).catch(() => undefined);
      if (!index || index.meta.hosts === 0 || index.meta.findings === 0) totals.incomplete++;
    } else if (task.status === 'failed') {
      totals.failed++;
      totals.lost++; // every fault here passes, so every scan has results to give
      say(`${id} failed: ${task.error_message}`);
    } else {
      totals.stuck++;
      say(`${id} is stuck: ${task.status}`);
    }
  }
}

function finish() {
  printTable();
  const rare = STEPS.filter((step) => timesHit(step) < MIN_HITS).length;
  const bars = [
    ['lost', totals.lost, 0],
    ['duplicate scans', totals.duplicates, 0],
    ['stuck', totals.stuck, 0],
    ['results not complete', totals.incomplete, 0],
    ['steps hit fewer than 5 times', rare, 0],
  ];
  const rows = bars.map(([what, value, bar]) => ({
    what,
    value,
    unit: 'count',
    peer: null,
    peer_value: null,
    ratio: null,
    bar: `<= ${bar}`,
    holds: value <= bar,
  }));
  console.error(
    `\n  seed ${values.seed}, ${rounds} rounds: ${totals.submitted} accepted, ${totals.completed} completed, ${totals.failed} failed`,
  );
  for (const { what, value, holds } of rows)
    console.error(`  ${holds ? 'holds ' : 'MISSED'}  ${what}: ${value}`);
  if (values.json) console.log(JSON.stringify({ name: 'chaos', rows }));
  rmSync(folder, { recursive: true, force: true });
  process.exit(rows.every(({ holds }) => holds) ? 0 : 1);
}

/** Steps and other kills down, faults across. */
function printTable() {
  const columns = faultNames.filter((fault) => [...hits.values()].some((row) => row.has(fault)));
  console.error(`\n  columns: ${columns.map((fault, i) => `${i + 1} ${fault}`).join(', ')}`);
  console.error(`  ${'killed'.padEnd(32)} ${columns.map((_, i) => String(i + 1).padStart(3)).join('')}  all`);
  for (const [what, row] of [...hits].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const cells = columns.map((fault) => String(row.get(fault) ?? '.').padStart(3)).join('');
    const all = [...row.values()].reduce((sum, count) => sum + count, 0);
    console.error(`  ${what.padEnd(32)} ${cells} ${String(all).padStart(4)}`);
  }
}

/** Submits a scan as an MCP client; `undefined` when the API did not accept it. */
async function submit() {
  for (let tries = 0; tries < 40; tries++) {
    const client = new Client({ name: 'chaos', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${apiPort}/mcp`)));
      const result = await client.callTool({
        name: 'run_untrusted_scan',
        arguments: { targets: TARGETS, name: 'chaos' },
      });
      if (!result.isError) return JSON.parse(result.content[0].text).task_id;
    } catch {
      // the API, or its Redis, is away just now
    } finally {
      await client.close().catch(() => {});
    }
    await sleep(100);
  }
  return undefined;
}

function start(name, command, args, env, ready) {
  const child = spawn(command, args, { env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  processes[name] = child;
  return new Promise((resolve) => {
    const look = (chunk) => {
      const text = String(chunk);
      const [, step] = /^hit (\S+)$/m.exec(text) ?? [];
      if (step) processes.hit = step;
      if (ready.test(text)) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', resolve);
  });
}

/** One worker logs in for a session, the other has keys. */
function startWorker(name, { step = '', count = 1, fullDisk = 0 } = {}) {
  const env = {
    NAME: name,
    STEP: step,
    COUNT: String(count),
    FULL_DISK: String(fullDisk),
    AUTH: JSON.stringify(name === 'w1' ? USER : KEYS),
  };
  return start(name, process.execPath, [here('worker.mjs')], env, /^working$/m);
}

function startSimulator() {
  const args = ['--http', '--port', String(scannerPort), '--speed', '400'];
  const bin = here('../node_modules/@nmcp/simulator/dist/bin/nmcp_simulator.js');
  return start(
    'simulator',
    process.execPath,
    [bin, ...args, '--state', join(folder, 'scanner.json')],
    {},
    /Simulated Nessus at/,
  );
}

function startApi() {
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
}

async function startRedis() {
  spawnSync('mkdir', ['-p', join(folder, 'redis')]);
  await start(
    'redis',
    redisBinary,
    [
      '--port',
      String(redisPort),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
      '--dir',
      join(folder, 'redis'),
    ],
    {},
    /Ready to accept connections/,
  );
}

function exitOf(name) {
  const child = processes[name];
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', resolve));
}

async function kill(name, signal) {
  const child = processes[name];
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(late);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
