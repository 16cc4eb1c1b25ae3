import { createRedisQueue } from '@nmcp/queue';
import { startSimulator } from '@nmcp/simulator';
import { createTaskStore, entryOf } from '@nmcp/tasks';
import { atMost, givenOrPrivateRedis, inTempFolder } from '@nmcp/test-support';
import { benchTask } from './bench_task.mjs';
import { startWorker } from './worker_process.mjs';

/** Of LEASE_SECONDS. */
const DEFAULT_LEASE = 60;

/** How long it takes until another worker has the task of one that is gone, or stands still. */
export async function takeover(say) {
  const redis = await givenOrPrivateRedis();
  try {
    const measured = [];
    for (const [signal, lease] of [
      ['SIGKILL', 5],
      ['SIGSTOP', 5],
    ]) {
      say(`${signal}, lease ${lease} s`);
      measured.push([signal, lease, await measure(redis.url, signal, lease)]);
    }
    say(`SIGKILL and SIGSTOP, lease ${DEFAULT_LEASE} s`);
    const both = await Promise.all(
      ['SIGKILL', 'SIGSTOP'].map(async (signal) => [
        signal,
        DEFAULT_LEASE,
        await measure(redis.url, signal, DEFAULT_LEASE),
      ]),
    );
    return [...measured, ...both].map(([signal, lease, seconds]) =>
      atMost(`takeover after ${signal}, lease ${lease} s`, 's', seconds, Math.min(lease + 2, DEFAULT_LEASE)),
    );
  } finally {
    await redis.stop();
  }
}

/** Seconds from the signal to the moment at which the task has another worker's fence. */
function measure(redisUrl, signal, lease) {
  return inTempFolder(async (folder) => {
    const simulator = await startSimulator({ tls: false, speed: 0.05 });
    const pool = `nessus_${signal.toLowerCase()}_${lease}`;
    const options = {
      simulator,
      slots: 2,
      REDIS_URL: redisUrl,
      DATA_DIR: folder,
      LEASE_SECONDS: String(lease),
    };
    const queue = await createRedisQueue({ url: redisUrl });
    const tasks = createTaskStore({ dataDir: folder });
    const first = startWorker(folder, { ...options, pool });
    const task = benchTask({ pool, targets: '192.0.2.0/29', name: 'takeover' });
    await tasks.create(task);
    await queue.enqueue(entryOf(task));
    const until = async (isSo) => {
      while (!isSo(await tasks.read(task.task_id))) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    let second;
    try {
      await until(() => simulator.counts().launched === 1);
      const { lease_fence: fence } = await tasks.read(task.task_id);
      second = startWorker(folder, { ...options, pool });
      await new Promise((resolve) => setTimeout(resolve, 3000)); // it has started, and leases were renewed
      const begun = performance.now();
      first.signal(signal);
      await until(({ lease_fence: now }) => now !== fence);
      return (performance.now() - begun) / 1000;
    } finally {
      await Promise.all([first.stop('SIGKILL'), second?.stop('SIGKILL')]);
      await queue.close();
      await simulator.close();
    }
  });
}
