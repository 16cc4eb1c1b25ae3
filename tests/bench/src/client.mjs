import { spawn } from 'node:child_process';
import { createNessusClient, getServerStatus, listFolders } from '@nmcp/nessus-client';
import { startSimulator } from '@nmcp/simulator';
import { atLeast, atMost, ratioAtLeast } from '@nmcp/test-support';
import { measureSize } from './client_size.mjs';
import { here, median, runJson } from './measure.mjs';
import { peakMb } from './process_memory.mjs';

const ROUNDS = 3;
const CALLERS = 1000;

/** @nmcp/nessus-client: its size, a download of 1 GB, one login for a thousand callers; and how fast the simulator writes. */
export async function client(say) {
  return [...(await size()), ...(await download(say)), ...(await logins()), ...(await simulator(say))];
}

async function size() {
  return [atMost('core client with its dependencies, minified and gzipped', 'kB', await measureSize(), 13)];
}

/** 1 GB from a bare HTTP server into a file: by the client, and by fetch alone. */
async function download(say) {
  const server = spawn(process.execPath, [here('serve_bytes.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve) =>
    server.stdout.once('data', (chunk) => resolve(String(chunk).trim())),
  );
  try {
    const run = (how) => runJson(process.execPath, ['--expose-gc', here('download_once.mjs'), how, url]);
    const results = { client: [], fetch: [] };
    for (let round = 0; round < ROUNDS; round++) {
      say(`download of 1 GB, round ${round + 1} of ${ROUNDS}`);
      for (const how of Object.keys(results)) results[how].push(run(how));
    }
    const speed = (how) => median(results[how].map(({ mb_per_second }) => mb_per_second));
    const memory = Math.max(...results.client.map(({ above_idle_mb }) => above_idle_mb));
    return [
      ratioAtLeast('download of 1 GB to a file', 'MB/s', speed('client'), 'fetch', speed('fetch'), 0.7),
      atMost('download of 1 GB, memory above idle', 'MB', memory, 80),
    ];
  } finally {
    server.kill();
  }
}

async function logins() {
  const scanner = await startSimulator({ tls: false });
  const { url, username, password } = scanner;
  const own = createNessusClient({ url, auth: { username, password } });
  await listFolders(own);
  scanner.expireSessions();
  const before = scanner.counts().logins;
  await Promise.all(Array.from({ length: CALLERS }, () => listFolders(own)));
  const made = scanner.counts().logins - before;
  await scanner.close();
  const row = atMost(`logins for ${CALLERS} concurrent calls with an expired session`, 'logins', made, 1);
  return [{ ...row, holds: made === 1 }];
}

/** A network of 100,000 hosts with 40 findings each, written by a simulator of its own. */
async function simulator(say) {
  const bin = here('../node_modules/@nmcp/simulator/dist/bin/nmcp_simulator.js');
  const args = [
    '--http',
    '--port',
    '0',
    '--speed',
    '1000000000',
    '--findings-per-host',
    '40',
    '--max-targets',
    '140000',
  ];
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      const found = /Simulated Nessus at (\S+)/.exec(String(chunk));
      if (found) resolve(found[1]);
    });
  });
  try {
    const own = createNessusClient({
      url,
      auth: { accessKey: 'simulator-access-key', secretKey: 'simulator-secret-key' },
    });
    await getServerStatus(own);
    say('an export of 100,000 hosts');
    const { firstMs, mbPerSecond, gigabytes, hosts } = await exportNetwork(own);
    say(`${hosts} hosts, ${gigabytes.toFixed(1)} GB`);
    return [
      atMost('simulator, 100,000 hosts x 40 findings, first byte', 's', firstMs / 1000, 1),
      atLeast('simulator, 100,000 hosts x 40 findings, speed', 'MB/s', mbPerSecond, 50),
      atMost('simulator, 100,000 hosts x 40 findings, memory', 'MB', peakMb(child.pid), 200),
    ];
  } finally {
    child.kill();
  }
}

async function exportNetwork(own) {
  const { createScan, launchScan, listTemplates, requestExport, getExportStatus, downloadExport } =
    await import('@nmcp/nessus-client');
  const [template] = await listTemplates(own, 'scan');
  // three in four of 135,168 addresses answer
  const settings = { name: 'bench', text_targets: '10.0.0.0/15, 10.2.0.0/20' };
  const id = await createScan(own, { uuid: template.uuid, settings });
  await launchScan(own, id);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const begun = performance.now();
  const ticket = await requestExport(own, id);
  while ((await getExportStatus(own, ticket)) !== 'ready')
    await new Promise((resolve) => setTimeout(resolve, 5));
  const stream = await downloadExport(own, ticket);
  let bytes = 0;
  let hosts = 0;
  let firstMs;
  const marker = Buffer.from('<ReportHost ');
  for await (const chunk of stream) {
    firstMs ??= performance.now() - begun;
    bytes += chunk.length;
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let at = buffer.indexOf(marker); at >= 0; at = buffer.indexOf(marker, at + 1)) hosts++;
  }
  const seconds = (performance.now() - begun) / 1000;
  return { firstMs, mbPerSecond: bytes / 1e6 / seconds, gigabytes: bytes / 1e9, hosts };
}
