import { openStateDatabase } from '@nmcp/database/state';
import { createPostgresTaskStore } from '@nmcp/tasks/postgres';
import { atMost, beside, findRedisServer, inTempFolder, startPostgres, startRedis } from '@nmcp/test-support';
import { filesAtScale } from './scale_files.mjs';
import { LISTS, listsOf, p95, TASKS, taskOf } from './scale_tasks.mjs';
import { withApi } from './start_api.mjs';

/** Lists and submissions with 100,000 tasks, in PostgreSQL and in files; the queue is on Redis. */
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
      ...(await filesAtScale(redis.url, say)),
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
