/** What people call things that are named otherwise here. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  address: ['host', 'host_ip'],
  auth: ['credentialed'],
  authentication: ['credentialed'],
  cvss: ['cvss_score', 'cvss3_base_score'],
  exploit: ['exploit_available'],
  family: ['plugin_family'],
  fqdn: ['host_fqdn'],
  hostname: ['host', 'host_fqdn'],
  id: ['plugin_id', 'task_id'],
  ip: ['host', 'host_ip'],
  ip_address: ['host', 'host_ip'],
  name: ['plugin_name'],
  network: ['host'],
  operating_system: ['os'],
  output: ['plugin_output'],
  plugin: ['plugin_id', 'plugin_name'],
  remediation: ['fix', 'solution'],
  risk: ['severity'],
  scan_id: ['task_id'],
  service: ['svc_name', 'service'],
  subnet: ['host'],
  upgrade: ['fix', 'solution'],
};
const MOST_NEAR = 3;
const MOST_LISTED = 120;

/** Names that somebody may have meant, the nearest first. */
export function nearestNames(name: string, candidates: Iterable<string>): string[] {
  const wanted = name.toLowerCase().slice(0, 60);
  const known = [...new Set(candidates)];
  const others = (OTHER_NAMES[wanted.replaceAll('-', '_')] ?? []).filter((other) => known.includes(other));
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(wanted.length < 4 ? 1 : 2, wanted.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .map(({ candidate }) => candidate);
  const longer = known.filter((candidate) => candidate.toLowerCase().split('_').includes(wanted));
  return [...new Set([...others, ...near, ...longer])].slice(0, MOST_NEAR);
}

/**
 * What to say of a name that there is not: the nearest right ones, and the list.
 *
 * @param what names the kind of thing, such as `group_by` or `filters: the field`
 *
 * @example
 * ```ts
 * import { unknownName } from '@nmcp/types';
 *
 * console.assert(unknownName('group_by', 'prot', ['port', 'host']).includes('did you mean "port"?'));
 * ```
 */
export function unknownName(what: string, name: string, names: Iterable<string>): string {
  const all = [...new Set(names)];
  const near = nearestNames(name, all).map((each) => JSON.stringify(each));
  const hint = near.length === 0 ? '' : `did you mean ${near.join(' or ')}? `;
  const listed = all.slice(0, MOST_LISTED).join(', ');
  const more = all.length > MOST_LISTED ? ` and ${all.length - MOST_LISTED} more` : '';
  return `${what} ${JSON.stringify(name.slice(0, 60))} is unknown; ${hint}expected one of ${listed}${more}`;
}

/** Insertions, deletions, replacements and exchanges of neighbours from one text to the other. */
function editDistance(a: string, b: string): number {
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isExchange = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = isExchange ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced, exchanged));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
