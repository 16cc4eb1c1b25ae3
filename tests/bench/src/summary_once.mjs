// Summary of a scan, cold then warm, or the comparison of two, in a process of its own. Usage: node summary_once.mjs FILE [OTHER]
import { compareScans, createResultsReader, summarizeScan } from '@nmcp/results';

const [file, other] = process.argv.slice(2);
const results = createResultsReader();
const begun = performance.now();
if (other === undefined) summarizeScan(await results.open(file));
else compareScans(await results.open(file), await results.open(other));
const cold = performance.now() - begun;
const again = performance.now();
if (other === undefined) summarizeScan(await results.open(file));
console.log(
  JSON.stringify({
    cold_ms: cold,
    warm_ms: performance.now() - again,
    peak_mb: process.resourceUsage().maxRSS / 1024,
  }),
);
