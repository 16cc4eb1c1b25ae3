import { atMost, givenOrPrivateRedis, ratioAtLeast } from '@nmcp/test-support';
import { apiLatency } from './api_latency.mjs';
import { here, median, percentile, runJson } from './measure.mjs';
import { reconcileSpeed } from './reconcile_speed.mjs';
import { runningScans } from './running_scans.mjs';
import { taskCommands } from './task_commands.mjs';

const ROUNDS = 3;
/** Looked at six times as often as by default, so that the measured time is short. */
const FOLLOWED = { scans: 500, pollSeconds: 5, bars: { core: 30, memory: 250 } };

/** The queue on Redis against BullMQ and bare LPUSH/RPOP; latency; depth; the API and a worker on it. */
export async function queue(say) {
  const redis = await givenOrPrivateRedis();
  try {
    return [
      ...measure(redis.url, say),
      ...(await apiLatency(redis.url, say)),
      ...(await reconcileSpeed(redis.url, say)),
      ...(await taskCommands(redis.url, say)),
      ...(await runningScans({ ...FOLLOWED, redisUrl: redis.url, say })),
    ];
  } finally {
    await redis.stop();
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
      ratioAtLeast(
        `enqueue, claim, complete, ${consumers} consumers`,
        'tasks/s',
        ours,
        'BullMQ 6',
        bullmq,
        2,
      ),
    );
    rows.push(
      ratioAtLeast(
        `enqueue, claim, complete, ${consumers} consumers, of the limit`,
        'tasks/s',
        ours,
        'LPUSH/RPOP',
        bare,
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
    ratioAtLeast('enqueue and claim beside 100,000 waiting tasks', 'tasks/s', lots, 'beside 100', few, 0.8),
  );
  return rows;
}
