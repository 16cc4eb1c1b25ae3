import { join } from 'node:path';
import { createRedisQueue } from '@nmcp/queue';
import { startSimulator } from '@nmcp/simulator';
import { atMost, inTempFolder } from '@nmcp/test-support';
import { percentile } from './measure.mjs';
import { residentMb } from './process_memory.mjs';
import { cpuSeconds } from './process_time.mjs';
import { submitAll } from './submit_all.mjs';
import { startWorker } from './worker_process.mjs';

const MEASURED_MS = 30_000;

/**
 * What one worker takes while it follows so many scans, and whether it looks at each on time.
 *
 * @param pollSeconds how often each is looked at
 * @param bars of a core in percent, of memory in MB
 */
export function runningScans(options) {
  return inTempFolder((folder) => measure(folder, options));
}

async function measure(folder, { redisUrl, tasksUrl, scans, pollSeconds, bars, say }) {
  const pool = 'nessus';
  const simulator = await startSimulator({ tls: false, speed: 0.05 });
  const dataDir = join(folder, 'tasks');
  const queue = await createRedisQueue({ url: redisUrl });
  await submitAll(scans, { pool, queue, tasksUrl, dataDir });
  const worker = startWorker(folder, {
    simulator,
    slots: scans,
    REDIS_URL: redisUrl,
    DATA_DIR: dataDir,
    ...(tasksUrl && { TASKS_URL: tasksUrl }),
    POLL_SECONDS: String(pollSeconds),
  });
  try {
    say(`waiting for ${scans} scans to run, each looked at every ${pollSeconds} s`);
    while (simulator.counts().launched < scans) await sleep(200);
    await sleep(pollSeconds * 8 * 1000 + 5000); // looks are closer together at the start of a scan
    const before = cpuSeconds(worker.pid);
    const from = Date.now();
    const memory = [];
    const measuredMs = Math.max(MEASURED_MS, pollSeconds * 2000 + 5000);
    for (let t = 0; t < measuredMs; t += 1000) {
      await sleep(1000);
      memory.push(residentMb(worker.pid));
    }
    const core = (100 * (cpuSeconds(worker.pid) - before)) / ((Date.now() - from) / 1000);
    const late = lateness(simulator.requests(), { from, scans, pollSeconds });
    return [
      atMost(`one worker, ${scans} running scans, of a core`, '%', core, bars.core),
      atMost(`one worker, ${scans} running scans, memory`, 'MB', Math.max(...memory), bars.memory),
      atMost(`one worker, ${scans} running scans, looks off their time, worst`, '%', late, 10),
    ];
  } finally {
    await worker.stop();
    await queue.close();
    await simulator.close();
  }
}

/** Percent by which the worst wait between two looks at a scan differs from the one that was asked for. */
function lateness(requests, { from, scans, pollSeconds }) {
  const asked = pollSeconds * 1000;
  const last = new Map();
  const off = [];
  for (const { at, path } of requests) {
    if (at < from || !/^\/scans\/\d+$/.test(path)) continue;
    const before = last.get(path);
    if (before !== undefined) off.push((100 * Math.abs(at - before - asked)) / asked);
    last.set(path, at);
  }
  if (last.size < scans) throw new Error(`Only ${last.size} scans were looked at`);
  return percentile(off, 1);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
