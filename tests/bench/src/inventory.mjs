import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, inTempFolder, startPostgres } from '@nmcp/test-support';
import Database from 'libsql';
import { makeExport } from './make_export.mjs';
import { here, median, percentile, runJson } from './measure.mjs';

const WEEKS = 10;
const HOSTS = 25_000;
const FINDINGS_A_HOST = 40;

/** An inventory of a million open findings with ten weekly scans behind them, on SQLite and on PostgreSQL. */
export function inventory(say) {
  return inTempFolder(async (folder) => {
    say('writing two scans of 1,000,000 findings from 25,000 hosts, and their indexes');
    const weeks = [0, 0.1].map((drop, i) => {
      const of = join(folder, `scan-${i}`);
      mkdirSync(of);
      makeExport(join(of, 'scan_native.nessus'), {
        ...{ hosts: HOSTS, findingsPerHost: FINDINGS_A_HOST, drop },
        note: `Scan ${i}`, // of each host something is said anew each week, as by plugin 19506
      });
      runJson(process.execPath, [
        here('build_once.mjs'),
        join(of, 'scan_native.nessus'),
        join(of, 'findings.db'),
      ]);
      return of;
    });
    const file = join(folder, 'inventory.db');
    const rows = measure('SQLite', file, weeks, { seconds: 15, group: 150 }, say);
    const outputs = bytesOfOutputs(file) / (HOSTS * FINDINGS_A_HOST);
    const bytes = statSync(file).size / (HOSTS * FINDINGS_A_HOST);
    rows.push(
      atMost('SQLite: size, outputs aside', 'bytes a finding', bytes - outputs, 250),
      atMost('SQLite: size of outputs of 200 characters', 'bytes a finding', outputs, 250),
    );
    rmSync(file);
    const postgres = await startPostgres();
    if (!postgres) return rows;
    try {
      return [...rows, ...measure('PostgreSQL', postgres.url, weeks, { seconds: 25, group: 400 }, say)];
    } finally {
      await postgres[Symbol.asyncDispose]();
    }
  });
}

/** Pages of outputs, and those that are free until the next scan is applied. */
function bytesOfOutputs(file) {
  const db = new Database(file);
  const { bytes } = db
    .prepare("SELECT sum(pgsize) AS bytes FROM dbstat WHERE name LIKE '%inventory_outputs%'")
    .get();
  const [free, size] = ['freelist_count', 'page_size'].map(
    (name) => Object.values(db.prepare(`PRAGMA ${name}`).get())[0],
  );
  db.close();
  return bytes + free * size;
}

function measure(name, url, weeks, bars, say) {
  const applied = Array.from({ length: WEEKS }, (_, week) => {
    const limit = '--max-old-space-size=256'; // as its thread has
    const run = runJson(process.execPath, [
      limit,
      here('inventory_apply.mjs'),
      url,
      weeks[week % 2],
      String(week),
    ]);
    say(
      `${name}, week ${week + 1}: ${run.outcome} in ${run.seconds.toFixed(1)} s, ${Math.round(run.peak_mb)} MB`,
    );
    return run;
  });
  const { cold_ms, times, peak_mb } = runJson(process.execPath, [here('inventory_ask.mjs'), url]);
  say(`${name}: first answer of a new thread ${Math.round(cold_ms)} ms, ${Math.round(peak_mb)} MB at most`);
  const p95 = (...kinds) =>
    percentile(
      kinds.flatMap((kind) => times[kind]),
      0.95,
    );
  return [
    atMost(
      `${name}: applying a scan of 1,000,000 findings`,
      's',
      median(applied.map(({ seconds }) => seconds)),
      bars.seconds,
    ),
    atMost(`${name}: memory of it`, 'MB', Math.max(...applied.map(({ peak_mb }) => peak_mb)), 400),
    atMost(`${name}: a filtered page, p95`, 'ms', p95('page'), 25),
    atMost(`${name}: a filtered page with outputs, p95`, 'ms', p95('output'), 50),
    atMost(`${name}: one CVE, p95`, 'ms', p95('cve'), 25),
    atMost(`${name}: one asset, p95`, 'ms', p95('asset'), 25),
    atMost(`${name}: any group, p95`, 'ms', p95('group'), bars.group),
    atMost(`${name}: the fix plan, p95`, 'ms', p95('plan'), bars.group),
    atMost(`${name}: the trend, p95`, 'ms', p95('trend'), bars.group),
  ];
}
