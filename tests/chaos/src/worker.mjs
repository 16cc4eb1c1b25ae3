// A worker as apps/worker has it, that kills or stops itself at a named step. The environment says where, when and how.
import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createRedisQueue } from '@nmcp/queue';
import { createNessusScanner, createScannerRegistry } from '@nmcp/registry';
import { createRunner } from '@nmcp/runner';
import { createTaskStore } from '@nmcp/tasks';
import { createLogger, createMetrics } from '@nmcp/telemetry';
import { watched } from './steps.mjs';

const { REDIS_URL, DATA_DIR, SCANNER_URL, AUTH, NAME, STEP, COUNT = '1', FULL_DISK = '0', HOW } = process.env;
let left = Number(COUNT);
let fullWrites = Number(FULL_DISK);

function hit(step) {
  if (step !== STEP || --left > 0) return;
  // written at once, since a stopped process writes nothing
  writeSync(1, `hit ${step}\n`);
  process.kill(process.pid, HOW === 'stop' ? 'SIGSTOP' : 'SIGKILL');
}

async function openQueue() {
  while (true) {
    const queue = await createRedisQueue({ url: REDIS_URL, pollMs: 100, silenceMs: 1000 }).catch(
      () => undefined,
    );
    if (queue) return queue;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The first exports meet a full disk: the kernel's own. */
function onFullDisk(tasks) {
  return new Proxy(tasks, {
    get(target, name) {
      if (name === 'saveResults' && fullWrites-- > 0)
        return (id, source, options) =>
          target.saveResults(id, source, { ...options, open: () => open('/dev/full', 'w') });
      const value = target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const queue = await openQueue();
const config = {
  pool: 'nessus',
  scanner_type: 'nessus',
  instance_id: 's1',
  name: 's1',
  url: SCANNER_URL,
  auth: JSON.parse(AUTH),
  tls: {},
  enabled: true,
  max_concurrent_scans: 4,
};
const registry = createScannerRegistry({
  pools: new Map([['nessus', [config]]]),
  slots: queue.slots,
  circuits: queue.circuits,
  circuit: { failures: 5, openMs: 500 },
  factories: { nessus: (entry) => watched(createNessusScanner(entry), 'scanner', hit) },
});
const runner = createRunner({
  queue: watched(queue, 'queue', hit),
  tasks: watched(onFullDisk(createTaskStore({ dataDir: DATA_DIR })), 'tasks', hit),
  registry: watched(registry, 'registry', hit),
  metrics: createMetrics(),
  log: createLogger({ app: NAME, level: 'info' }),
  consumer: `${NAME}-${process.pid}`,
  leaseMs: 1200,
  minPollMs: 30,
  pollMs: 100,
  maxAttempts: 20,
  retry: { firstWaitMs: 50, maxWaitMs: 500 },
  observeMs: 800,
  diskWaitMs: 100,
  reconcileMs: 700,
  reconcileGraceMs: 700,
});
process.on('SIGTERM', async () => {
  await runner.stop();
  process.exit(0);
});
process.stdout.write('working\n');
