import type { FindingsTable } from './index/select_rows.ts';

/** What is counted of each group. */
export interface GroupCounts {
  findings: Uint32Array;
  aboveInfo: Uint32Array;
  hosts: Uint32Array;
  worst: Uint8Array;
  /** Findings of each severity by host: five numbers a host, info first. */
  ofHosts: Uint32Array;
  /** Findings of each variant; empty where they were counted by host. */
  ofVariants: Uint32Array;
  matchingHosts: number;
  ungrouped: number;
}

/** For each variant or host the groups that it belongs to. */
export type GroupIds = readonly (readonly number[])[];

const NONE = new Uint32Array(0);

function noCounts(groups: number, ofHosts: Uint32Array): GroupCounts {
  const counts = (): Uint32Array => new Uint32Array(groups);
  return {
    ...{ findings: counts(), aboveInfo: counts(), hosts: counts(), worst: new Uint8Array(groups) },
    ...{ ofHosts, ofVariants: NONE, matchingHosts: 0, ungrouped: 0 },
  };
}

/** Groups of what variants have: findings are counted by variant; what is walked for each of them is only on how many hosts a group is. */
export function countByVariant(
  index: FindingsTable,
  rows: Uint32Array,
  ids: GroupIds,
  groups: number,
): GroupCounts {
  const { hosts, variants, severities } = index;
  const ofHosts = new Uint32Array(index.hostNames.length * 5);
  const counts = noCounts(groups, ofHosts);
  const [starts, flat] = flattened(ids);
  const ofVariant = new Uint32Array(ids.length);
  counts.ofVariants = ofVariant;
  const lastHost = new Int32Array(groups).fill(-1);
  const onHosts = counts.hosts;
  let before = -1;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    const variant = variants[row] ?? 0;
    const host = hosts[row] ?? 0;
    ofVariant[variant] = (ofVariant[variant] ?? 0) + 1;
    const ofHost = host * 5 + (severities[variant] ?? 0);
    ofHosts[ofHost] = (ofHosts[ofHost] ?? 0) + 1;
    if (host !== before) counts.matchingHosts++;
    before = host;
    const end = starts[variant + 1] ?? 0;
    for (let at = starts[variant] ?? 0; at < end; at++) {
      const group = flat[at] ?? 0;
      if (lastHost[group] === host) continue;
      lastHost[group] = host;
      onHosts[group] = (onHosts[group] ?? 0) + 1;
    }
  }
  ofVariant.forEach((count, variant) => {
    if (count === 0) return;
    const severity = severities[variant] ?? 0;
    if (ids[variant]?.length === 0) counts.ungrouped += count;
    for (const group of ids[variant] ?? []) addTo(counts, group, count, severity > 0 ? count : 0, severity);
  });
  return counts;
}

/** Groups of what hosts have. */
export function countByHost(
  index: FindingsTable,
  rows: Uint32Array,
  ids: GroupIds,
  groups: number,
): GroupCounts {
  const bySeverity = severitiesByHost(index, rows);
  const counts = noCounts(groups, bySeverity);
  ids.forEach((groupsOfHost, host) => {
    const severities = bySeverity.subarray(host * 5, host * 5 + 5);
    const count = severities.reduce((sum, each) => sum + each, 0);
    if (count === 0) return;
    counts.matchingHosts++;
    const worst = severities.findLastIndex((each) => each > 0);
    for (const group of groupsOfHost) {
      addTo(counts, group, count, count - (severities[0] ?? 0), worst);
      counts.hosts[group] = (counts.hosts[group] ?? 0) + 1;
    }
  });
  return counts;
}

/** The counts of some of the groups. */
export function partOf(counts: GroupCounts, start: number, end: number): GroupCounts {
  const { findings, aboveInfo, hosts, worst, ...others } = counts;
  return {
    ...others,
    findings: findings.subarray(start, end),
    aboveInfo: aboveInfo.subarray(start, end),
    hosts: hosts.subarray(start, end),
    worst: worst.subarray(start, end),
  };
}

function addTo(counts: GroupCounts, group: number, count: number, aboveInfo: number, worst: number): void {
  counts.findings[group] = (counts.findings[group] ?? 0) + count;
  counts.aboveInfo[group] = (counts.aboveInfo[group] ?? 0) + aboveInfo;
  counts.worst[group] = Math.max(counts.worst[group] ?? 0, worst);
}

/** Lists behind each other, and where each begins. */
function flattened(lists: GroupIds): [starts: Uint32Array, flat: Uint32Array] {
  const starts = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => {
    starts[i + 1] = (starts[i] ?? 0) + list.length;
  });
  return [starts, Uint32Array.from(lists.flat())];
}

/** How many findings are of some variants, and on how many hosts. */
export function countOf(
  index: FindingsTable,
  rows: Uint32Array,
  isMeant: Uint8Array,
): { findings: number; hosts: number } {
  const { hosts, variants } = index;
  let [findings, onHosts, before] = [0, 0, -1];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    if (isMeant[variants[row] ?? 0] !== 1) continue;
    findings++;
    const host = hosts[row] ?? 0;
    if (host !== before) onHosts++;
    before = host;
  }
  return { findings, hosts: onHosts };
}

function severitiesByHost(index: FindingsTable, rows: Uint32Array): Uint32Array {
  const { hosts, variants, severities } = index;
  const counts = new Uint32Array(index.hostNames.length * 5);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    const at = (hosts[row] ?? 0) * 5 + (severities[variants[row] ?? 0] ?? 0);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}
