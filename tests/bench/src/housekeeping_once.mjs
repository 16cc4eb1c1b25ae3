// One run of the housekeeping in a process of its own. Usage: node housekeeping_once.mjs DATA_DIR
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createEmbeddedQueue } from '@nmcp/queue';
import { createScannerRegistry } from '@nmcp/registry';
import { runHousekeeping } from '@nmcp/runner';
import { createTaskStore } from '@nmcp/tasks';

const RESOLUTION_MS = 1;
const [dataDir] = process.argv.slice(2);
const queue = await createEmbeddedQueue({ path: `${dataDir}/.queue.db` });
const registry = createScannerRegistry({ pools: new Map(), slots: queue.slots, circuits: queue.circuits });
const day = 86_400_000;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
await new Promise((resolve) => setTimeout(resolve, 100)); // what the start of the process left is over
delay.enable();
const begun = performance.now();
const { expired, problems } = await runHousekeeping({
  tasks: createTaskStore({ dataDir }),
  queue,
  registry,
  clock: Date.now,
  rules: { completedTtlMs: 7 * day, failedTtlMs: 30 * day, deleteStale: true },
});
const ms = performance.now() - begun;
await new Promise((resolve) => setTimeout(resolve, 10));
delay.disable();
const blockedMs = delay.max / 1e6 - RESOLUTION_MS;
console.log(JSON.stringify({ ms, blockedMs, expired: expired.length, problems }));
await queue.close();
