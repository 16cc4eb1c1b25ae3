import type { FindingsIndex } from '../index/findings_index.ts';

/** "Ping the remote host": with dead hosts shown, it reports those that nothing else was asked of. */
const PING = '10180';
const DEAD = /considered as dead|not scanning|host is down/i;
/** Findings that a report has of a host that did not answer, at most. */
const OF_DEAD_HOST = 4;

/**
 * Numbers of the hosts that a report names although they did not answer, or whose scan it does not say to have ended while it says
 * so of others: that such a host has no finding says nothing.
 */
export function unreachedHosts(index: FindingsIndex): ReadonlySet<number> {
  const { hosts, variants, briefs, facts } = index;
  const isPing = Uint8Array.from(briefs, ({ plugin_id }) => (plugin_id === PING ? 1 : 0));
  const counts = new Uint32Array(index.hostNames.length);
  for (const host of hosts) counts[host] = (counts[host] ?? 0) + 1;
  const unreached = new Set<number>();
  if (facts.some(({ host_end }) => host_end !== undefined))
    for (const [host, { host_end }] of facts.entries()) if (host_end === undefined) unreached.add(host);
  if (isPing.includes(1))
    for (let row = 0; row < hosts.length; row++) {
      const host = hosts[row] ?? 0;
      if (isPing[variants[row] ?? 0] !== 1 || (counts[host] ?? 0) > OF_DEAD_HOST) continue;
      if (DEAD.test(index.output(row) ?? '')) unreached.add(host);
    }
  return unreached;
}
