// What is left: every version of every task, what the scanners say was done to them, dead letters, results in the bucket, the audit log.
import { join } from 'node:path';
import { verifyAuditLog } from '@nmcp/audit';
import { openBucket } from '@nmcp/bucket';
import { openQueue } from '@nmcp/queue';
import { createResultsReader } from '@nmcp/results';
import { BucketFiles } from '@nmcp/tasks/bucket';
import { inTempFolder } from '@nmcp/test-support';
import { readKeys } from '@nmcp/vault';
import { SCANNERS } from '../settings.mjs';

/** Reads all of it, when the apps have ended. */
export async function collectFacts(cluster, timeline) {
  const { place, environment } = cluster;
  const known = await place.tasks.list();
  const histories = [];
  for (const task of known) histories.push({ task, versions: await place.versionsOf(task) });
  const inspections = await Promise.all(
    SCANNERS.map((scanner) => cluster.inspect(scanner, 'GET', '/effects')),
  );
  const effects = inspections.flatMap((answer) => answer.effects).sort((a, b) => a.at - b.at);
  const queue = await openQueue({
    redisUrl: environment.REDIS_URL,
    redisSentinels: environment.REDIS_SENTINELS.split(','),
    dataDir: '',
  });
  const letters = (await queue.deadLetters('nessus', 10_000)).map(({ id }) => id);
  await queue.close();
  const results = await resultsOf(known, environment);
  const keys = readKeys({ keys: environment.NMCP_SECRET_KEY });
  const audit = await verifyAuditLog(place.audit, { keys });
  await place.tellCommits(timeline);
  return { histories, effects, letters, results, audit };
}

/** How many hosts and findings each completed task has, as a host that never had a copy reads them. */
function resultsOf(known, environment) {
  Object.assign(process.env, environment);
  return inTempFolder(async (folder) => {
    const bucket = openBucket({ url: environment.RESULTS_URL });
    const files = new BucketFiles({ dataDir: join(folder, 'copies'), bucket, maxBytes: 1e12 });
    const reader = createResultsReader();
    const results = new Map();
    for (const task of known.filter(({ status }) => status === 'completed')) {
      const found = await files
        .local(task)
        .then((path) => reader.open(path))
        .then(
          ({ meta: { hosts, findings } }) => ({ hosts, findings }),
          () => undefined,
        );
      results.set(task.task_id, found);
    }
    reader.close();
    bucket[Symbol.dispose]();
    return results;
  });
}
