import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenFile } from '@nmcp/access';
import { createScanPolicy } from '@nmcp/policy';
import { atLeast, atMost, median, percentile } from './measure.mjs';
import { connectClient, startApi } from './start_api.mjs';

const DECISIONS = 2000;
const ROUNDS = 8;
const CALLS = 400;

/** What trust costs: a decision of a large policy, and tokens on the most frequent call. */
export async function trust(say) {
  return [...(await decision()), ...(await authentication(say))];
}

/** A /8 of which 10,000 networks are denied, asked about as a whole and in parts. */
async function decision() {
  const deny = Array.from({ length: 10_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/26`);
  const policy = createScanPolicy({
    document: { default: { max_hosts_per_scan: 2 ** 25, allow: ['10.0.0.0/8'], deny } },
    resolve: async () => [],
  });
  const ask = (targets) =>
    policy.admit({ targets, pool: 'nessus', caller: 'local' }).then(
      () => true,
      () => false,
    );
  await ask('10.0.0.1'); // the rules are compiled once
  const times = [];
  for (let i = 0; i < DECISIONS; i++) {
    const targets = ['10.0.0.0/8', '10.100.0.0/16', `10.7.${i & 255}.64/26, 10.9.${i & 255}.128-255`][i % 3];
    const begun = performance.now();
    const allowed = await ask(targets);
    times.push(performance.now() - begun);
    if (allowed !== (i % 3 !== 0)) throw new Error(`wrong decision for ${targets}`);
  }
  return [atMost('decision on a /8 without 10,000 networks, p99', 'ms', percentile(times, 0.99), 1)];
}

/** get_scan_status with tokens, and on a server without any, in turns. */
async function authentication(say) {
  const folders = ['open', 'closed'].map((name) => mkdtempSync(join(tmpdir(), `nmcp-bench-${name}-`)));
  const { token } = await new TokenFile(join(folders[1], '.tokens.json')).create({
    name: 'bench',
    scopes: ['scan'],
  });
  const servers = await Promise.all(
    folders.map((folder) => startApi({ DATA_DIR: folder, CALLS_PER_MINUTE: '0' })),
  );
  // both send it: what is measured is the server
  const headers = { authorization: `Bearer ${token}` };
  const clients = await Promise.all(servers.map(({ url }) => connectClient(url, headers)));
  try {
    const tasks = [];
    for (const client of clients)
      tasks.push(
        (await client.call('run_untrusted_scan', { targets: '192.0.2.1', name: 'bench' })).value.task_id,
      );
    const rates = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      say(`get_scan_status, round ${round + 1} of ${ROUNDS}`);
      for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
        const client = clients[i];
        const begun = performance.now();
        for (let n = 0; n < CALLS; n++) await client.call('get_scan_status', { task_id: tasks[i] });
        rates[i].push((1000 * CALLS) / (performance.now() - begun));
      }
    }
    const [open, closed] = rates.map(median);
    return [atLeast('get_scan_status with a token', 'calls/s', closed, 'without', open, closed / open, 0.9)];
  } finally {
    for (const client of clients) await client.close();
    for (const server of servers) server.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}
