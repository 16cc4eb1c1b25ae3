import { openStateDatabase } from '@nmcp/database/state';
import { createPostgresTaskStore } from '@nmcp/tasks/postgres';
import { atMost, beside, findRedisServer, inTempFolder, startPostgres, startRedis } from '@nmcp/test-support';
import { benchTask, completedTask } from './bench_task.mjs';
import { percentile } from './measure.mjs';
import { withApi } from './start_api.mjs';

const TASKS = 100_000;
const CALLS = 200;
const WARM_UP = 20;
/** One in so many waits. */
const OPEN = 1000;
const STATS = {
  ...{ hosts_scanned: 200, total_vulnerabilities: 900, file_size_kb: 9000, auth_plugins_found: 0 },
  severity_breakdown: { critical: 20, high: 80, medium: 500, low: 300, info: 4000 },
};
const LISTS = {
  list_tasks: {},
  'list_tasks by state': { status_filter: 'completed' },
  'list_tasks by targets': { target_filter: '10.3.7.9' },
};

/** Lists and submissions past one machine: 100,000 tasks in PostgreSQL, the queue on Redis. */
export async function scale(say) {
  const redis = await startRedis(findRedisServer());
  const postgres = await startPostgres();
  try {
    const url = await postgres.newDatabase();
    await fill(url, say);
    await postgres.sql('VACUUM ANALYZE nmcp_tasks', url); // as the server does by itself within a minute
    const inDatabase = await withApi({ REDIS_URL: redis.url, TASKS_URL: url }, async (api) => ({
      ...(await listsOf(api, say)),
      ...(await callsOf(api, say)),
    }));
    const inFiles = await withApi({ REDIS_URL: redis.url }, (api) => callsOf(api, say));
    const row = (what, name, bar) => atMost(`${what}, p95`, 'ms', inDatabase[name], bar);
    return [
      ...Object.keys(LISTS).map((name) => row(`${name}, of ${TASKS} in PostgreSQL`, name, 20)),
      row(`overview, of ${TASKS} in PostgreSQL`, 'overview', 20),
      beside(row('submit through MCP, PostgreSQL and Redis', 'submit', 40), 'files', inFiles.submit),
      beside(row('get_scan_status, PostgreSQL and Redis', 'status', 12), 'files', inFiles.status),
    ];
  } finally {
    await redis.stop();
    await postgres[Symbol.asyncDispose]();
  }
}

/** What lists and the dashboard's overview take, by their names. */
async function listsOf({ client, url }, say) {
  const taken = {};
  for (const [name, args] of Object.entries(LISTS))
    taken[name] = await p95(name, () => client.call('list_tasks', args), say);
  taken.overview = await p95('overview', () => page(`${url}/`), say);
  return taken;
}

/** What it takes to submit, and to ask for what was submitted. */
async function callsOf({ client }, say) {
  const submitted = [];
  const submit = await p95(
    'submit',
    () => client.submit('192.0.2.0/24').then((answer) => submitted.push(answer) && answer),
    say,
  );
  let next = 0;
  const ask = () => client.call('get_scan_status', { task_id: submitted[next++ % submitted.length].taskId });
  return { submit, status: await p95('get_scan_status', ask, say) };
}

async function p95(name, action, say) {
  const taken = [];
  for (let i = 0; i < WARM_UP + CALLS; i++) {
    const { ms } = await action();
    if (i >= WARM_UP) taken.push(ms);
  }
  say(`${name}: median ${percentile(taken, 0.5).toFixed(1)} ms`);
  return percentile(taken, 0.95);
}

async function page(url) {
  const begun = performance.now();
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return { ms: performance.now() - begun };
}

/** Completed scans for the most part, of 2,048 sets of targets and seven owners. */
function fill(url, say) {
  return inTempFolder(async (dataDir) => {
    say(`${TASKS} tasks`);
    const database = await openStateDatabase({ url });
    const tasks = createPostgresTaskStore({ database, dataDir });
    for (let at = 0; at < TASKS; at += 500)
      await Promise.all(Array.from({ length: 500 }, (_, i) => tasks.create(taskOf(at + i))));
    await database[Symbol.asyncDispose]();
  });
}

function taskOf(i) {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString();
  const targets = `10.${(i >> 8) % 8}.${i & 255}.0/24`;
  const owner = `team${i % 7}`;
  if (i % OPEN === 0) return { ...benchTask({ createdAt, targets }), owner };
  const ended = { ...completedTask({ createdAt, targets }), owner };
  return i % 20 === 7
    ? { ...ended, status: 'failed', error_message: 'The scanner said no' }
    : { ...ended, validation_stats: STATS };
}
