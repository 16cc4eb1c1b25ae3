import { createRedisQueue } from '@nmcp/queue';
import { startSimulator } from '@nmcp/simulator';
import { atMost } from '@nmcp/test-support';
import { createClient } from 'redis';
import { withApi } from './start_api.mjs';
import { startWorker } from './worker_process.mjs';

const TASKS = 20;

/**
 * Redis commands that a scan costs from its submission to its end, as its processes send them: one at a time, so that none
 * shares a command with another, and without what idle processes send.
 */
export async function taskCommands(redisUrl, say) {
  const simulator = await startSimulator({ tls: false, speed: 5000 });
  const queue = await createRedisQueue({ url: redisUrl });
  for (const id of await queue.taskIds('nessus')) await queue.remove('nessus', id); // of the measurement before
  try {
    return await withApi({ REDIS_URL: redisUrl }, async ({ client, dataDir }) => {
      const worker = startWorker(dataDir, { simulator, slots: 2, REDIS_URL: redisUrl, DATA_DIR: dataDir });
      const monitor = await createClient({ url: redisUrl }).connect();
      let sent = [];
      try {
        await runOne(client); // what is asked once only, as scripts by their source
        await monitor.monitor((line) => sent.push(String(line)));
        say(`${TASKS} scans, one after the other`);
        const idle = await countOver(5000, () => sent.length);
        let [commands, ms] = [0, 0];
        for (let i = 0; i < TASKS; i++) {
          sent = [];
          const begun = performance.now();
          await runOne(client);
          ms += performance.now() - begun;
          commands += sent.filter((line) => !/ lua\]/.test(line)).length;
        }
        return [atMost('Redis commands a task', 'commands', (commands - idle * ms) / TASKS, 20)];
      } finally {
        monitor.destroy();
        await worker.stop();
      }
    });
  } finally {
    await queue.close();
    await simulator.close();
  }
}

/** From the submission to the end. */
async function runOne(client) {
  const { taskId } = await client.submit();
  while (true) {
    const { text } = await client.call('get_scan_status', { task_id: taskId });
    const { status } = JSON.parse(text);
    if (status === 'completed') return;
    if (status !== 'queued' && status !== 'running') throw new Error(text);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How much a count grows a millisecond. */
async function countOver(ms, count) {
  const before = count();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return (count() - before) / ms;
}
