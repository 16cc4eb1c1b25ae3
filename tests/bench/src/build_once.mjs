// Builds one index in a process of its own. Usage: node build_once.mjs FILE INDEX
import { buildIndex } from '@nmcp/results';

const [file, index] = process.argv.slice(2);
const begun = performance.now();
const { stats } = await buildIndex(file, index);
console.log(
  JSON.stringify({
    seconds: (performance.now() - begun) / 1000,
    hosts: stats.hosts_scanned,
    peak_mb: process.resourceUsage().maxRSS / 1024,
  }),
);
