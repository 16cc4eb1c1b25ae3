// Asks questions of a large scan in a process of its own, and tells the times. Usage: node query_once.mjs FILE [REPEATS]
import { createResultsReader, summarizeScan } from '@nmcp/results';

const [file, repeats = '1'] = process.argv.slice(2);
const FILTERS = { severity: '>=3', cve: '2021' };
const SORT = ['-cvss3_base_score', 'host'];

async function timed(action) {
  const begun = performance.now();
  const value = await action();
  return { value, ms: performance.now() - begun };
}

const results = createResultsReader();
const page = async (number, filters = FILTERS) => {
  let lines = 0;
  for await (const _ of results.query(file, { filters, sort: SORT, page: number })) lines++;
  return lines;
};

const cold = await timed(() => page(1));
const { rows } = (await results.open(file)).select(FILTERS);
const last = Math.ceil(rows.length / 40);
const warm = [];
for (let i = 0; i < Number(repeats); i++) {
  // every round asks about another year, so that nothing is answered from a remembered selection but the pages after it
  const filters = { ...FILTERS, cve: String(2010 + (i % 16)) };
  for (const number of [1, 100, last]) warm.push((await timed(() => page(number, filters))).ms);
}
const summary = await timed(async () => summarizeScan(await results.open(file)));
console.log(
  JSON.stringify({
    cold_ms: cold.ms,
    warm_ms: warm,
    matches: rows.length,
    last,
    summary_ms: summary.ms,
    peak_mb: process.resourceUsage().maxRSS / 1024,
  }),
);
