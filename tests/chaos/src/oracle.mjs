import { readdir, readFile } from 'node:fs/promises';
import { createResultsReader } from '@nmcp/results';

/** The states that may follow a state, itself included while it is not final. */
const NEXT = {
  queued: ['queued', 'running', 'failed'],
  running: ['running', 'completed', 'failed', 'timeout'],
};

/**
 * Reads every version of every task, and the scanner's own list: nothing lost, nothing twice, nothing stuck, results whole,
 * no final state left, nothing scanned that was canceled before.
 *
 * @param said what the API has answered: `submitted` key or undefined and task id, `canceled` task id and outcome
 */
export async function judge({ said, tasks, scans, letters, say }) {
  const { submitted, canceled } = said;
  const ids = new Set(submitted.map(({ id }) => id));
  const totals = {
    submitted: ids.size,
    completed: 0,
    failed: 0,
    canceled: 0,
    lost: 0,
    duplicates: duplicatesAmong(scans),
    stuck: 0,
    incomplete: 0,
    illegal: 0,
    scannedAfterCancel: 0,
    keysWithSeveral: keysWithSeveral(submitted),
    wrongLetters: 0,
  };
  const results = createResultsReader();
  for (const id of ids) {
    const task = await tasks.read(id).catch(() => undefined);
    if (!task) {
      totals.lost++;
      say(`${id} is lost`);
      continue;
    }
    totals.illegal += await illegalSteps(tasks.paths(id).folder, say);
    if (letters.has(id) && task.status !== 'failed') totals.wrongLetters++;
    if (task.status === 'completed') {
      totals.completed++;
      const index = await results.open(tasks.paths(id).native).catch(() => undefined);
      if (!index || index.meta.hosts === 0 || index.meta.findings === 0) totals.incomplete++;
    } else if (task.failure_reason === 'canceled') {
      totals.canceled++;
      if (letters.has(id)) totals.wrongLetters++;
      if (!canceled.some((one) => one.id === id)) totals.illegal++; // nobody asked for it
    } else if (task.status === 'failed') {
      totals.failed++;
      totals.lost++; // every fault here passes, so every scan has results to give
      say(`${id} failed: ${task.error_message}`);
    } else {
      totals.stuck++;
      say(`${id} is stuck: ${task.status}`);
    }
  }
  for (const { id, outcome } of canceled.filter((one) => one.outcome === 'canceled')) {
    // it was told that the task never runs
    if (!scans.some(({ description, launches }) => description.includes(`[nmcp:${id}]`) && launches > 0))
      continue;
    totals.scannedAfterCancel++;
    say(`${id} was ${outcome}, and scanned`);
  }
  return totals;
}

/** Reads the versions of a task: how many steps it should not have taken. */
async function illegalSteps(folder, say) {
  const names = (await readdir(folder)).filter((name) => name.startsWith('.task-') && name.endsWith('.json'));
  const versions = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(`${folder}/${name}`, 'utf8'))),
  );
  versions.sort((a, b) => a.version - b.version);
  let illegal = 0;
  for (const [i, now] of versions.entries()) {
    const before = versions[i - 1];
    if (!before) continue;
    const isLegal =
      now.version === before.version + 1 &&
      (NEXT[before.status] ?? []).includes(now.status) &&
      (now.lease_fence ?? 0) >= (before.lease_fence ?? 0) &&
      !(before.cancel && now.intent && now.intent.at !== before.intent?.at);
    if (isLegal) continue;
    illegal++;
    say(
      `${now.task_id}: ${before.version} ${before.status} to ${now.version} ${now.status} is no step of a task`,
    );
  }
  return illegal;
}

/** Scans with one marker, and scans that were launched more than once. */
function duplicatesAmong(scans) {
  const scansByMarker = new Map();
  for (const scan of scans) {
    const [marker = ''] = /\[nmcp:[^\]]+\]/.exec(scan.description) ?? [];
    scansByMarker.set(marker, (scansByMarker.get(marker) ?? 0) + 1);
  }
  return (
    [...scansByMarker.values()].filter((count) => count > 1).length +
    scans.filter(({ launches }) => launches > 1).length
  );
}

function keysWithSeveral(submitted) {
  const idsByKey = new Map();
  for (const { key, id } of submitted)
    if (key) idsByKey.set(key, new Set([...(idsByKey.get(key) ?? []), id]));
  return [...idsByKey.values()].filter(({ size }) => size > 1).length;
}
