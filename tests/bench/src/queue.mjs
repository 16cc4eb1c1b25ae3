import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRedisQueue } from '@nmcp/queue';
import { atLeast, atMost, here, median, percentile, runJson } from './measure.mjs';

const ROUNDS = 3;

/** The queue on Redis against BullMQ and bare LPUSH/RPOP; latency; depth. */
export async function queue(say) {
  const redis = await startRedis();
  try {
    return measure(redis.url, say);
  } finally {
    redis.stop();
  }
}

function measure(url, say) {
  const run = (peer, ...args) =>
    runJson(process.execPath, [here('queue_peers.mjs'), peer, url, ...args.map(String)]);
  const rows = [];
  for (const consumers of [10, 100]) {
    const speeds = { nmcp: [], bullmq: [], bare: [] };
    for (let round = 0; round < ROUNDS; round++) {
      say(`${consumers} consumers, round ${round + 1} of ${ROUNDS}`);
      for (const peer of Object.keys(speeds)) speeds[peer].push(run(peer, consumers).per_second);
    }
    const [ours, bullmq, bare] = Object.values(speeds).map(median);
    rows.push(
      atLeast(
        `enqueue, claim, complete, ${consumers} consumers`,
        'tasks/s',
        ours,
        'BullMQ 6',
        bullmq,
        ours / bullmq,
        2,
      ),
    );
    rows.push(
      atLeast(
        `enqueue, claim, complete, ${consumers} consumers, of the limit`,
        'tasks/s',
        ours,
        'LPUSH/RPOP',
        bare,
        ours / bare,
        0,
      ),
    );
  }
  say('latency');
  const { latencies } = run('latency');
  rows.push(atMost('enqueue to claim, idle worker, p50', 'ms', percentile(latencies, 0.5), 3));
  rows.push(atMost('enqueue to claim, idle worker, p99', 'ms', percentile(latencies, 0.99), 20));
  say('100,000 waiting');
  const [few, lots] = [100, 100_000].map((waiting) =>
    median(Array.from({ length: ROUNDS }, () => run('depth', 10, 0, waiting).per_second)),
  );
  rows.push(
    atLeast(
      'enqueue and claim beside 100,000 waiting tasks',
      'tasks/s',
      lots,
      'beside 100',
      few,
      lots / few,
      0.8,
    ),
  );
  return rows;
}

async function startRedis() {
  const given = process.env.REDIS_URL;
  if (given) return { url: given, stop() {} };
  const binary = ['redis-server', 'valkey-server'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (!binary) throw new Error('Neither REDIS_URL nor redis-server or valkey-server on the PATH');
  const folder = mkdtempSync(join(tmpdir(), 'nmcp-bench-redis-'));
  const port = await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const found = server.address().port;
      server.close(() => resolve(found));
    });
  });
  const server = spawn(
    binary,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    { stdio: 'ignore' },
  );
  const url = `redis://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const opened = await createRedisQueue({ url }).catch(() => undefined);
    if (opened) {
      await opened.close();
      break;
    }
    if (tries > 200) throw new Error('The private Redis did not start');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {
    url,
    stop() {
      server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
