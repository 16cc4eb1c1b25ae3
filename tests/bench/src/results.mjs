import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, inTempFolder } from '@nmcp/test-support';
import { makeExport } from './make_export.mjs';
import { here, percentile, runJson } from './measure.mjs';

const COLD_RUNS = 7;
/** What ask_once.mjs can ask. */
const ASKED = [
  'summary of some findings',
  'by fix',
  'by os',
  'by credentialed',
  'by cve of a network',
  'by host of some',
  'page by os',
];

/** Pages, summary and comparison of scans of 1,000,000 findings from 5,000 hosts. */
export function results(say) {
  return inTempFolder((folder) => measure(folder, say));
}

function measure(folder, say) {
  const files = ['earlier', 'later'].map((name) => {
    mkdirSync(join(folder, name));
    return join(folder, name, 'scan_native.nessus');
  });
  say('writing two scans of 1,000,000 findings (2.4 GB each) and their indexes');
  makeExport(files[0], { hosts: 5000 });
  makeExport(files[1], { hosts: 5000, drop: 0.1 });
  for (const file of files)
    runJson(process.execPath, [here('build_once.mjs'), file, join(file, '../findings.db')]);
  say('pages');
  const query = (repeats) => runJson(process.execPath, [here('query_once.mjs'), files[0], String(repeats)]);
  const cold = Array.from({ length: COLD_RUNS }, () => query(1));
  const { warm_ms, matches, last, peak_mb } = query(32);
  say(`${matches} findings match, ${last} pages`);
  const summaries = Array.from({ length: COLD_RUNS }, () =>
    runJson(process.execPath, [here('summary_once.mjs'), files[0]]),
  );
  say('groups and filters by fields of hosts');
  const asked = ASKED.map((name) => ({
    name,
    runs: Array.from({ length: 3 }, () => runJson(process.execPath, [here('ask_once.mjs'), files[0], name])),
  }));
  for (const { name, runs } of asked)
    say(
      `${name}: cold ${runs.map((run) => Math.round(run.cold_ms)).join(', ')} ms, warm at most ${Math.round(Math.max(...runs.flatMap((run) => run.warm_ms)))} ms`,
    );
  const comparisons = Array.from({ length: 3 }, () =>
    runJson(process.execPath, [here('summary_once.mjs'), ...files]),
  );
  return [
    atMost('page of 40, filtered and sorted, p95, warm', 'ms', percentile(warm_ms, 0.95), 25),
    atMost(
      'page of 40, filtered and sorted, p95, cold',
      'ms',
      percentile(
        cold.map((run) => run.cold_ms),
        0.95,
      ),
      150,
    ),
    atMost('memory of the querying process', 'MB', peak_mb, 250),
    atMost(
      'summary, cold',
      'ms',
      percentile(
        summaries.map((run) => run.cold_ms),
        0.95,
      ),
      150,
    ),
    atMost(
      'summary, warm',
      'ms',
      percentile(
        summaries.map((run) => run.warm_ms),
        0.95,
      ),
      10,
    ),
    atMost(
      'summary, group or page by fields of hosts, p95, cold',
      'ms',
      percentile(
        asked.flatMap(({ runs }) => runs.map((run) => run.cold_ms)),
        0.95,
      ),
      150,
    ),
    atMost(
      'summary, group or page by fields of hosts, p95, warm',
      'ms',
      percentile(
        asked.flatMap(({ runs }) => runs.flatMap((run) => run.warm_ms)),
        0.95,
      ),
      50,
    ),
    atMost(
      'comparison of two scans',
      'ms',
      percentile(
        comparisons.map((run) => run.cold_ms),
        0.95,
      ),
      5000,
    ),
    atMost('memory of the comparing process', 'MB', Math.max(...comparisons.map((run) => run.peak_mb)), 400),
  ];
}
