// Asks one question of a large scan in a process of its own, cold and then warm. Usage: node ask_once.mjs FILE QUESTION
import { createResultsReader, groupFindings, summarizeScan } from '@nmcp/results';

const [file, name] = process.argv.slice(2);
const OS = { os: 'linux' };

async function page(results, query) {
  for await (const _ of results.query(file, query));
}

/** Asked with another severity each time, so that no answer is a remembered one. */
const QUESTIONS = {
  'summary of some findings': (index, severity) => summarizeScan(index, { severity }),
  'by fix': (index, severity) => groupFindings(index, 'fix', { filters: { severity } }),
  'by os': (index, severity) => groupFindings(index, 'os', { filters: { severity } }),
  'by credentialed': (index, severity) => groupFindings(index, 'credentialed', { filters: { severity } }),
  'by cve of a network': (index, severity) =>
    groupFindings(index, 'cve', { filters: { severity, host: '10.0.2.0/23' } }),
  'by host of some': (index, severity) =>
    groupFindings(index, 'host', { filters: { any: [{ severity, ...OS }, { port: 443 }] } }),
  'page by os': (_index, severity, results) =>
    page(results, { filters: { severity, ...OS }, sort: ['os', '-cvss_score'] }),
};

const results = createResultsReader();
const timed = async (severity) => {
  const begun = performance.now();
  await QUESTIONS[name](await results.open(file), severity, results);
  return performance.now() - begun;
};
const cold_ms = await timed('>=high');
const warm_ms = [];
for (const severity of ['>=medium', 'critical', '>=low', 'medium']) warm_ms.push(await timed(severity));
console.log(JSON.stringify({ cold_ms, warm_ms, peak_mb: process.resourceUsage().maxRSS / 1024 }));
results.close();
