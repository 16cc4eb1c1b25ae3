// What is left of a round: every version of every task, what the scanners say was done to them, dead letters, results, the audit log.
import { join } from 'node:path';
import { verifyAuditLog } from '@nmcp/audit';
import { openQueue } from '@nmcp/queue';
import { createResultsReader } from '@nmcp/results';
import { readKeys } from '@nmcp/vault';
import { SCANNERS } from './settings.mjs';

/** Reads all of it, when the workers and the API have ended. */
export async function collectFacts(world, timeline) {
  const { dataDir, servers, place } = world;
  const { tasks } = place;
  const known = await tasks.list();
  const histories = await Promise.all(
    known.map(async (task) => ({ task, versions: await place.versionsOf(task) })),
  );
  const inspections = await Promise.all(SCANNERS.map((scanner) => world.inspect(scanner, 'GET', '/effects')));
  const effects = inspections.flatMap((answer) => answer.effects).sort((a, b) => a.at - b.at);
  const queue = await openQueue({ redisUrl: servers && `redis://127.0.0.1:${servers.port}`, dataDir });
  const letters = (await queue.deadLetters('nessus', 10_000)).map(({ id }) => id);
  await queue.close();
  const completed = known.filter(({ status }) => status === 'completed');
  const results = new Map(
    await Promise.all(completed.map(async (task) => [task.task_id, await resultsOf(tasks, task)])),
  );
  const keys = readKeys({ file: join(dataDir, '.secret_key') });
  const audit = (await place.audit.exists()) ? await verifyAuditLog(place.audit, { keys }) : { valid: true };
  await place.tellCommits(timeline);
  return { histories, effects, letters, results, audit };
}

/** How many hosts and findings a task's results have; undefined for what cannot be read. */
async function resultsOf(tasks, { task_id }) {
  const reader = createResultsReader();
  try {
    const { hosts, findings } = (await reader.open(tasks.paths(task_id).native)).meta;
    return { hosts, findings };
  } catch {
    return undefined;
  } finally {
    reader.close();
  }
}
