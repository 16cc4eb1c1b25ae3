// Asks an inventory many questions, in a process of its own. Usage: node inventory_ask.mjs URL
import { openInventory } from '@nmcp/inventory';

/** So many that the slowest twentieth is more than one. */
const ROUNDS = 36;
const [url] = process.argv.slice(2);
const inventory = openInventory({ url, maxMegabytes: 1024 });
const ask = async (name, input) => {
  const begun = performance.now();
  const answer = await inventory.ask(name, input, { viewer: {} });
  return { answer, ms: performance.now() - begun };
};

const { ms: cold_ms } = await ask('findings', { page_size: 1 });
const cves = (await ask('groups', { group_by: 'cve', top: 30 })).answer.groups.map(({ value }) => value);
const times = { page: [], output: [], cve: [], asset: [], group: [], plan: [], trend: [] };
for (let i = 0; i < ROUNDS; i++) {
  const network = `10.0.${(i * 7) % 97}.0/24`;
  const severity = ['>=high', 'critical', '>=medium', 'high'][i % 4];
  times.page.push((await ask('findings', { filters: { severity, host: network } })).ms);
  times.output.push((await ask('findings', { filters: { severity, host: network }, max_text: 4000 })).ms);
  times.cve.push((await ask('findings', { filters: { cve: cves[i % cves.length] } })).ms);
  times.asset.push((await ask('assets', { network: `10.0.${i}.${(i * 9) % 250}` })).ms);
  for (const group_by of ['plugin', 'fix', 'os', 'port', 'host', 'cve', 'severity', 'owner'])
    times.group.push((await ask('groups', { group_by, filters: { severity } })).ms);
  times.plan.push((await ask('plan', i % 2 === 0 ? {} : { network: `10.0.${i}.0/20` })).ms);
  times.trend.push((await ask('trend', { since: '2026-01-01', ...(i % 2 === 0 ? {} : { network }) })).ms);
}
const peak_mb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ cold_ms, times, peak_mb }));
await inventory.close();
