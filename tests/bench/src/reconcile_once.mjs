// One start-up's reconciliation in a process of its own. Usage: node reconcile_once.mjs REDIS_URL DATA_DIR
import { createRedisQueue } from '@nmcp/queue';
import { reconcile } from '@nmcp/runner';
import { createTaskStore } from '@nmcp/tasks';

const [url, dataDir] = process.argv.slice(2);
const queue = await createRedisQueue({ url });
const begun = performance.now();
const { requeued, problems } = await reconcile({
  tasks: createTaskStore({ dataDir }),
  queue,
  clock: Date.now,
});
console.log(JSON.stringify({ ms: performance.now() - begun, requeued: requeued.length, problems }));
await queue.close();
