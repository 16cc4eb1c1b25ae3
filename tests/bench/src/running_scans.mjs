import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRedisQueue } from '@nmcp/queue';
import { startSimulator } from '@nmcp/simulator';
import { createTaskStore, entryOf } from '@nmcp/tasks';
import { atMost, inTempFolder } from '@nmcp/test-support';
import { benchTask } from './bench_task.mjs';
import { percentile } from './measure.mjs';
import { residentMb } from './process_memory.mjs';
import { startWorker } from './worker_process.mjs';

const SCANS = 500;
/** Six times as often as the default, so that the measured time is short. */
const POLL_SECONDS = 5;
const MEASURED_MS = 30_000;
/** Of the kernel's accounting. */
const TICKS_PER_SECOND = 100;

/** What one worker takes while it follows 500 scans, and whether it looks at each on time. */
export function runningScans(redisUrl, say) {
  return inTempFolder((folder) => measure(folder, redisUrl, say));
}

async function measure(folder, redisUrl, say) {
  const pool = 'nessus';
  const simulator = await startSimulator({ tls: false, speed: 0.05 });
  const dataDir = join(folder, 'tasks');
  const queue = await createRedisQueue({ url: redisUrl });
  for (const id of await queue.taskIds(pool)) await queue.remove(pool, id); // of the measurement before
  const tasks = createTaskStore({ dataDir });
  for (let i = 0; i < SCANS; i++) await submit(tasks, queue, pool, i);
  const worker = startWorker(folder, {
    simulator,
    slots: SCANS,
    REDIS_URL: redisUrl,
    DATA_DIR: dataDir,
    POLL_SECONDS: String(POLL_SECONDS),
  });
  try {
    say(`waiting for ${SCANS} scans to run, each looked at every ${POLL_SECONDS} s`);
    while (simulator.counts().launched < SCANS) await sleep(200);
    await sleep(POLL_SECONDS * 8 * 1000 + 5000); // looks are closer together at the start of a scan
    const before = cpuSeconds(worker.pid);
    const from = Date.now();
    const memory = [];
    for (let t = 0; t < MEASURED_MS; t += 1000) {
      await sleep(1000);
      memory.push(residentMb(worker.pid));
    }
    const core = (100 * (cpuSeconds(worker.pid) - before)) / ((Date.now() - from) / 1000);
    const late = lateness(simulator.requests(), from);
    return [
      atMost(`one worker, ${SCANS} running scans, of a core`, '%', core, 30),
      atMost(`one worker, ${SCANS} running scans, memory`, 'MB', Math.max(...memory), 250),
      atMost(`one worker, ${SCANS} running scans, looks off their time, worst`, '%', late, 10),
    ];
  } finally {
    await worker.stop();
    await queue.close();
    await simulator.close();
  }
}

async function submit(tasks, queue, pool, index) {
  const task = benchTask({ pool, targets: '192.0.2.0/29', name: `bench ${index}` });
  await tasks.create(task);
  await queue.enqueue(entryOf(task));
}

/** Percent by which the worst wait between two looks at a scan differs from the one that was asked for. */
function lateness(requests, from) {
  const last = new Map();
  const off = [];
  for (const { at, path } of requests) {
    if (at < from || !/^\/scans\/\d+$/.test(path)) continue;
    const before = last.get(path);
    if (before !== undefined)
      off.push((100 * Math.abs(at - before - POLL_SECONDS * 1000)) / (POLL_SECONDS * 1000));
    last.set(path, at);
  }
  if (last.size < SCANS) throw new Error(`Only ${last.size} scans were looked at`);
  return percentile(off, 1);
}

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
