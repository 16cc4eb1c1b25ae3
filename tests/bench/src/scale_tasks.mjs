import { benchTask, completedTask } from './bench_task.mjs';
import { percentile } from './measure.mjs';

/** So many tasks are there. */
export const TASKS = 100_000;
const CALLS = 200;
const WARM_UP = 20;
/** One in so many waits. */
export const OPEN = 1000;
const STATS = {
  ...{ hosts_scanned: 200, total_vulnerabilities: 900, file_size_kb: 9000, auth_plugins_found: 0 },
  severity_breakdown: { critical: 20, high: 80, medium: 500, low: 300, info: 4000 },
};

/** Calls that list, by their names. */
export const LISTS = {
  list_tasks: {},
  'list_tasks by state': { status_filter: 'completed' },
  'list_tasks by targets': { target_filter: '10.3.7.9' },
};

/** Completed scans for the most part, of 2,048 sets of targets and seven owners. */
export function taskOf(i) {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString();
  const targets = `10.${(i >> 8) % 8}.${i & 255}.0/24`;
  const owner = `team${i % 7}`;
  if (i % OPEN === 0) return { ...benchTask({ createdAt, targets }), owner };
  const ended = { ...completedTask({ createdAt, targets }), owner };
  return i % 20 === 7
    ? { ...ended, status: 'failed', error_message: 'The scanner said no' }
    : { ...ended, validation_stats: STATS };
}

/** What lists and the dashboard's overview take, by their names. */
export async function listsOf({ client, url }, say) {
  const taken = {};
  for (const [name, args] of Object.entries(LISTS))
    taken[name] = await p95(name, () => client.call('list_tasks', args), say);
  taken.overview = await p95('overview', () => page(`${url}/`), say);
  return taken;
}

/** The 95th percentile of what an action says that it has taken, in milliseconds. */
export async function p95(name, action, say) {
  const taken = [];
  for (let i = 0; i < WARM_UP + CALLS; i++) {
    const { ms } = await action();
    if (i >= WARM_UP) taken.push(ms);
  }
  say(
    `${name}: median ${percentile(taken, 0.5).toFixed(1)} ms, p95 ${percentile(taken, 0.95).toFixed(1)} ms`,
  );
  return percentile(taken, 0.95);
}

async function page(url) {
  const begun = performance.now();
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return { ms: performance.now() - begun };
}
