// Three API servers behind a proxy without affinity, one of them killed every two seconds: npm run replicas [-- --seconds 60] [--json]
// Clients with sessions of 2025-11-25 submit scans, subscribe to them and wait with progress. Every call has to be answered, and
// what the store has for a client has to reach it once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSimulator } from '@nmcp/simulator';
import {
  atLeast,
  atMost,
  findRedisServer,
  freePort,
  reportRows,
  startRedis,
  tempFolder,
} from '@nmcp/test-support';
import { createClient } from 'redis';
import { roundRobin } from './round_robin.mjs';
import { openSession } from './session_client.mjs';

const KILL_MS = 2000;
const CLIENTS = 4;
const FINAL = ['completed', 'failed', 'timeout'];
const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, json: { type: 'boolean', default: false } },
});
const folder = await tempFolder();
const redis = await startRedis(findRedisServer());
const simulator = await startSimulator({ speed: 60 });
const config = `${folder.path}/scanners.yaml`;
writeFileSync(
  config,
  `nessus:\n  - {instance_id: s1, url: "${simulator.url}", access_key: ${simulator.accessKey}, secret_key: ${simulator.secretKey}, tls: {fingerprint: "${simulator.fingerprint}"}, max_concurrent_scans: 8}\n`,
);
const environment = {
  PATH: process.env.PATH,
  REDIS_URL: redis.url,
  DATA_DIR: `${folder.path}/tasks`,
  SCANNER_CONFIG: config,
  POLL_SECONDS: '0.2',
};
const ports = [await freePort(), await freePort(), await freePort()];
const children = new Set();
await start('worker', {}, /working/);
const servers = await Promise.all(ports.map((port) => api(port)));
const proxy = await roundRobin(ports);
let kills = 0;
let isOver = false;

const clients = await Promise.all(Array.from({ length: CLIENTS }, () => openSession(proxy.url)));
const ended = sleep(1000 * Number(options.seconds)).then(() => {
  isOver = true;
});
const scans = [];
await Promise.all([killing(), ...clients.map(work), ended]);
// what was written last is sent within a moment
const store = await createClient({ url: redis.url }).connect();
const counts = { lost: 0, twice: 0, told: 0, unseenEnds: 0 };
for (const client of clients) await check(client);
const sum = (name) => clients.reduce((total, { stats }) => total + stats[name], 0);
console.error(
  `[replicas] ${kills} kills; ${sum('calls')} calls, ${sum('retries')} made again, ${sum('resumed')} resumed; ${counts.told} notifications over ${sum('reconnects')} connections; ${sum('progress')} progress; ${scans.length} scans`,
);
for (const { stats } of clients)
  for (const problem of new Set(stats.problems)) console.error(`[replicas] ${problem}`);
for (const client of clients) await client.close();
proxy.close();
store.destroy();
for (const child of children) child.kill('SIGKILL');
await simulator.close();
await redis.stop();
await folder[Symbol.asyncDispose]();
reportRows(
  'replicas',
  [
    atLeast('servers killed', 'kills', kills, Math.floor(Number(options.seconds) / 4)),
    atLeast('scans followed to their end', 'scans', scans.length, CLIENTS),
    atLeast('progress told', 'notifications', sum('progress'), CLIENTS),
    atMost('calls answered wrongly', 'calls', clients.flatMap(({ stats }) => stats.problems).length, 0),
    atMost('notifications lost', 'notifications', counts.lost, 0),
    atMost('notifications twice', 'notifications', counts.twice, 0),
    atMost('ends of scans that were not told', 'scans', counts.unseenEnds, 0),
  ],
  options,
);

async function work(client) {
  for (let turn = 0; !isOver; turn++) {
    const request = { targets: '192.0.2.0/29', name: 'n', idempotency_key: `${client.session}-${turn}` };
    const { task_id } = await client.tool('run_untrusted_scan', request);
    const uri = `nessus://scans/${task_id}`;
    await client.call('resources/subscribe', { uri });
    // one that has ended by now has nothing to tell
    let { status } = await client.tool('get_scan_status', { task_id });
    const isOwed = !FINAL.includes(status);
    while (!FINAL.includes(status)) {
      const wait = { task_id, until: 'end', timeout_seconds: 20 };
      ({ status } = await client.tool('wait_for_scan', wait, { progressToken: `${task_id}` }));
    }
    if (status !== 'completed') client.stats.problems.push(`${task_id} is ${status}`);
    scans.push({ client, uri, isOwed });
  }
}

/** The next one that is up is killed, and started again while the others go on; one is always up. */
async function killing() {
  const starting = [];
  for (let turn = 0; !isOver; turn++) {
    await sleep(KILL_MS);
    const at = [turn, turn + 1, turn + 2].map((each) => each % servers.length).find((each) => servers[each]);
    if (at === undefined || servers.filter(Boolean).length < 2) continue;
    const child = servers[at];
    servers[at] = undefined;
    child.kill('SIGKILL');
    await once(child, 'exit');
    kills++;
    const again = api(ports[at]).then((server) => {
      servers[at] = server;
    });
    starting.push(again);
  }
  await Promise.all(starting);
}

/** Compares what the store has for a client with what reached it. */
async function check({ session, told, stats }) {
  const events = await store.xRange(`nmcp:session:${session}:events`, '-', '+');
  const kept = events.filter(({ message }) => message.l === '').map(({ id }) => id);
  for (let turn = 0; turn < 100 && kept.some((id) => !told.some((each) => each.id === id)); turn++)
    await sleep(100);
  const seen = told.map(({ id }) => id);
  counts.told += seen.length;
  counts.lost += kept.filter((id) => !seen.includes(id)).length;
  counts.twice += seen.length - new Set(seen).size;
  const own = scans.filter((scan) => scan.client.session === session);
  for (const { uri, isOwed } of own)
    if (isOwed && !told.some((each) => each.uri === uri)) counts.unseenEnds++;
  if (seen.length === 0) stats.problems.push('nothing was told');
}

function api(port) {
  return start('mcp-api', { PORT: String(port) }, /"url":"http/);
}

async function start(app, more, ready) {
  const path = fileURLToPath(new URL(`../../../../apps/${app}/bin/main.js`, import.meta.url));
  const child = spawn(process.execPath, [path], { env: { ...environment, ...more } });
  children.add(child);
  child.stdout.resume();
  for await (const line of createInterface({ input: child.stderr })) {
    if (!ready.test(line)) continue;
    child.stderr.resume();
    return child;
  }
  throw new Error(`${app} ended`);
}
