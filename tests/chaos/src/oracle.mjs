import { createResultsReader } from '@nmcp/results';

/** Reads task.json and the scanner's own list: nothing lost, nothing twice, nothing stuck, results whole. */
export async function judge({ accepted, tasks, scans, say }) {
  const totals = {
    submitted: accepted.length,
    completed: 0,
    failed: 0,
    lost: 0,
    duplicates: duplicatesAmong(scans),
    stuck: 0,
    incomplete: 0,
  };
  const results = createResultsReader();
  for (const id of accepted) {
    const task = await tasks.read(id).catch(() => undefined);
    if (!task) totals.lost++;
    else if (task.status === 'completed') {
      totals.completed++;
      const index = await results.open(tasks.paths(id).native).catch(() => undefined);
      if (!index || index.meta.hosts === 0 || index.meta.findings === 0) totals.incomplete++;
    } else if (task.status === 'failed') {
      totals.failed++;
      totals.lost++; // every fault here passes, so every scan has results to give
      say(`${id} failed: ${task.error_message}`);
    } else {
      totals.stuck++;
      say(`${id} is stuck: ${task.status}`);
    }
  }
  return totals;
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
