// Applies a week's scan to an inventory, in a process of its own. Usage: node inventory_apply.mjs URL FOLDER WEEK
import { join } from 'node:path';
import { applyScan, openStore, reportOf } from '@nmcp/inventory/store';
import { FindingsIndex } from '@nmcp/results';

const [url, folder, week] = process.argv.slice(2);
const MONDAY = Date.UTC(2026, 0, 5);
const endedAt = MONDAY + Number(week) * 7 * 86_400_000;
const store = await openStore(url);
const begun = performance.now();
const index = FindingsIndex.open(join(folder, 'findings.db'), join(folder, 'scan_native.nessus'));
const report = { ...reportOf(index), startedAt: endedAt, endedAt };
const outcome = await applyScan(store, report, { taskId: `week-${week}`, pool: 'nessus', endedAt });
console.log(
  JSON.stringify({
    outcome,
    seconds: (performance.now() - begun) / 1000,
    findings: report.findings,
    peak_mb: process.resourceUsage().maxRSS / 1024,
  }),
);
index[Symbol.dispose]();
await store[Symbol.asyncDispose]();
