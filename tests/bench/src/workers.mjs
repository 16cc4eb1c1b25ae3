import { createRedisQueue } from '@nmcp/queue';
import { startSimulator } from '@nmcp/simulator';
import {
  atMost,
  beside,
  findRedisServer,
  inTempFolder,
  ratioAtLeast,
  startPostgres,
  startRedis,
} from '@nmcp/test-support';
import { median } from './measure.mjs';
import { cpuSeconds, machineSeconds } from './process_time.mjs';
import { runningScans } from './running_scans.mjs';
import { submitAll } from './submit_all.mjs';
import { startWorker } from './worker_process.mjs';

const POOL = 'nessus';
/** A scan that follows others is looked at as often as by default. */
const FOLLOWED = { scans: 2000, pollSeconds: 30, bars: { core: 60, memory: 400 } };
const TASKS = 600;
const SLOTS = 64;
const ROUNDS = 3;
/** Of the scans, left out at the start and at the end. */
const WARM = 0.15;
const TIMES = 3.2;
/** Of the machine's cores: above it, nothing is left that a worker could have taken. */
const FULL = 0.9;

/** What one worker carries, and what four carry; tasks in PostgreSQL, the queue on Redis. */
export async function workers(say) {
  const redis = await startRedis(findRedisServer());
  const postgres = await startPostgres();
  try {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const count of round % 2 === 0 ? [1, 4] : [4, 1]) {
        const tasksUrl = await postgres.newDatabase();
        const measured = await speedOf(count, { redisUrl: redis.url, tasksUrl });
        say(
          `${count} at work: ${measured.speed.toFixed(1)} scans/s, ${measured.cost.toFixed(1)} ms of a worker's core a scan; ${percent(measured.busy)} of the cores busy: workers ${percent(measured.workers)}, scanner ${percent(measured.scanner)}, the rest PostgreSQL, Redis and the kernel`,
        );
        rounds.push({ count, ...measured });
      }
    const of = (count, what) => median(rounds.filter((one) => one.count === count).map((one) => one[what]));
    return [
      fourAgainstOne(of),
      beside(
        atMost('CPU of a worker a scan, four at work', 'ms', of(4, 'cost'), 1.25 * of(1, 'cost')),
        'one at work',
        of(1, 'cost'),
      ),
      ...(await runningScans({
        ...FOLLOWED,
        redisUrl: redis.url,
        tasksUrl: await postgres.newDatabase(),
        say,
      })),
    ];
  } finally {
    await redis.stop();
    await postgres[Symbol.asyncDispose]();
  }
}

/** Scans a second in the middle of many that wait, and what they cost. */
function speedOf(count, { redisUrl, tasksUrl }) {
  return inTempFolder(async (folder) => {
    const simulator = await startSimulator({ tls: false, speed: 1e6 });
    const queue = await createRedisQueue({ url: redisUrl });
    await submitAll(TASKS, { pool: POOL, queue, tasksUrl, dataDir: folder });
    const started = Array.from({ length: count }, () =>
      startWorker(folder, {
        ...{ simulator, slots: SLOTS, pool: POOL },
        ...{ REDIS_URL: redisUrl, TASKS_URL: tasksUrl, DATA_DIR: folder },
      }),
    );
    const taken = () => {
      const workers = started.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
      return { ...machineSeconds(), workers, scanner: cpuSeconds(process.pid) };
    };
    const reached = async (part) => {
      while (simulator.counts().launched < part * TASKS)
        await new Promise((resolve) => setTimeout(resolve, 5));
      return { ...taken(), at: performance.now(), launched: simulator.counts().launched };
    };
    try {
      const [from, to] = [await reached(WARM), await reached(1 - WARM)];
      const scans = to.launched - from.launched;
      const share = (what) => (to[what] - from[what]) / (to.all - from.all);
      return {
        speed: (1000 * scans) / (to.at - from.at),
        cost: (1000 * (to.workers - from.workers)) / scans,
        ...{ busy: share('busy'), workers: share('workers'), scanner: share('scanner') },
      };
    } finally {
      await Promise.all(started.map((worker) => worker.stop('SIGKILL')));
      await queue.close();
      await simulator.close();
    }
  });
}

/** Four do 3.2 times what one does, unless no core of the machine is left to them: then the row says that. */
function fourAgainstOne(of) {
  const row = ratioAtLeast(
    'four workers, scanner that answers at once',
    'scans/s',
    of(4, 'speed'),
    'one worker',
    of(1, 'speed'),
    TIMES,
  );
  if (row.holds) return row;
  return {
    ...row,
    what: `${row.what}, ${percent(of(4, 'busy'))} of the cores busy`,
    bar: `${row.bar}, or ${percent(FULL)} of the cores busy`,
    holds: of(4, 'busy') >= FULL,
  };
}

const percent = (share) => `${Math.round(100 * share)} %`;
