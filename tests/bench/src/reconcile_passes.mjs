// Passes of the reconciler as a worker makes them each minute. Usage: node --expose-gc reconcile_passes.mjs REDIS_URL DATA_DIR
import { createRedisQueue } from '@nmcp/queue';
import { reconcile } from '@nmcp/runner';
import { createTaskStore, OPEN_STATES } from '@nmcp/tasks';
import { percentile } from './measure.mjs';

const PASSES = 20;
const [url, dataDir] = process.argv.slice(2);
const queue = await createRedisQueue({ url });
const tasks = createTaskStore({ dataDir });
const used = () => {
  globalThis.gc();
  return process.memoryUsage().heapUsed / 1e6;
};
const before = used();
await tasks.list({ order: 'ran', limit: 50 });
const megabytes = used() - before;
const taken = [];
const cpu = process.cpuUsage();
for (let i = 0; i < PASSES; i++) {
  const begun = performance.now();
  await reconcile({ tasks, queue, clock: Date.now, sweeps: false });
  taken.push(performance.now() - begun);
}
const { user, system } = process.cpuUsage(cpu);
const open = await tasks.count({ status: OPEN_STATES });
await queue.close();
console.log(
  JSON.stringify({
    ...{ open, megabytes, p95: percentile(taken, 0.95), median: Math.round(percentile(taken, 0.5)) },
    cpu: Math.round((user + system) / 1000 / PASSES),
  }),
);
