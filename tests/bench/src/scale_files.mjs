import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, inTempFolder } from '@nmcp/test-support';
import { here, runJson } from './measure.mjs';
import { residentMb } from './process_memory.mjs';
import { LISTS, listsOf, OPEN, TASKS, taskOf } from './scale_tasks.mjs';
import { connectClient, startApi } from './start_api.mjs';
import { writeTask } from './write_task.mjs';

/** Lists, starts and reconciliations with 100,000 task directories. */
export function filesAtScale(redisUrl, say) {
  return inTempFolder(async (dataDir) => {
    say(`${TASKS} task directories`);
    for (let i = 0; i < TASKS; i++) writeTask(dataDir, taskOf(i));
    const environment = { REDIS_URL: redisUrl, DATA_DIR: dataDir };
    const unknown = await withStart(environment, say, () => untilSaved(dataDir));
    const known = await withStart(environment, say, (api) => listsOf(api, say));
    const passes = runJson(process.execPath, [
      ...['--expose-gc', here('reconcile_passes.mjs')],
      ...[redisUrl, dataDir],
    ]);
    if (passes.open !== TASKS / OPEN) throw new Error(`${passes.open} tasks go on`);
    say(`reconciler's pass: median ${passes.median} ms, CPU ${passes.cpu} ms`);
    const row = (what, value, bar, unit = 'ms') => atMost(`${what}, of ${TASKS} in files`, unit, value, bar);
    return [
      ...Object.keys(LISTS).map((name) => row(`${name}, p95`, known.answer[name], 20)),
      row('overview, p95', known.answer.overview, 20),
      row('a pass of the reconciler, p95', passes.p95, 100),
      row('start to /health', known.health, 5, 's'),
      row('start to the first list', known.list, 10, 's'),
      row('start to /health without an index', unknown.health, 5, 's'),
      row('start to the first list without an index', unknown.list, 60, 's'),
      row('memory of the index', passes.megabytes, 60, 'MB'),
    ];
  });
}

/** Starts a server, lists once, and does something more with it; the seconds that the first two took. */
async function withStart(environment, say, action) {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const api = await startApi(environment);
  try {
    const health = seconds();
    const client = await connectClient(api.url);
    try {
      await client.call('list_tasks', {});
      const list = seconds();
      const answer = await action({ ...api, client });
      say(
        `/health after ${health.toFixed(1)} s, a list after ${list.toFixed(1)} s, ${residentMb(api.pid).toFixed(0)} MB`,
      );
      return { health, list, answer };
    } finally {
      await client.close();
    }
  } finally {
    api.stop();
  }
}

async function untilSaved(dataDir) {
  while (!existsSync(join(dataDir, '.task-index'))) await sleep(100);
}
