import { type EmptyAnswer, type Grouping, grouping } from '@nmcp/results';
import { severityName, shorten } from '@nmcp/schema';
import { foldTargets } from '@nmcp/types';
import type { InventoryView } from '../inventory_view.ts';
import { feedsOf } from './search_findings.ts';
import { type AssetPlace, type FindingsAsked, type Knowledge, selectFindings } from './select_findings.ts';

/** For which assets, and how many steps. */
export interface FixPlanQuery extends AssetPlace, Pick<FindingsAsked, 'filters'> {
  /** Steps. @default 10 */
  top?: number | undefined;
}

/** One thing to do. */
export interface FixStep {
  /** Such as `Update Apache to 2.4.64 or later`. */
  do: string;
  version?: string;
  /** Findings above info that it removes. */
  removes: number;
  hosts: number;
  /** Of them: on CISA's list of exploited vulnerabilities; with an exploit; open for too long. */
  kev: number;
  exploited: number;
  overdue: number;
  max_severity_name: string;
  cve_count?: number;
  cves?: string[];
  /** Where, as networks, ranges and names, cut at a length. */
  where: string;
}

/** What to do first. */
export interface FixPlan {
  /** Open findings above info. */
  open_findings: number;
  open_hosts: number;
  total_steps: number;
  steps_left_out?: number;
  /** What all of the steps together leave. */
  left: number;
  /** Open findings that state no fix. */
  without_fix: number;
  steps: FixStep[];
  /** Dates of the operator's feeds. */
  feeds?: InventoryView['feeds'];
  /** How the steps are ordered. */
  order: string;
  empty?: EmptyAnswer;
}

const WHERE_LENGTH = 160;
const CVES_NAMED = 5;
/** Hosts beyond which only networks are named. */
const MANY_HOSTS = 256;
const NETWORKS_NAMED = 5;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** The steps that remove most of what matters. @throws {NmcpError} `invalid_input` */
export function fixPlan(view: InventoryView, query: FixPlanQuery, known: Knowledge): FixPlan {
  const { top = 10, filters = {} } = query;
  const { rows, empty } = selectFindings(view, { ...query, state: 'open' }, known);
  const { ids: all, names } = grouping(view, 'fix', filters);
  const isAbove = Uint8Array.from(view.severities, (severity) => (severity > 0 ? 1 : 0));
  const ids = all.map((groups, kind) => (isAbove[kind] === 1 ? groups : []));
  const tally = count(view, rows, ids, { groups: names.length, now: known.now });
  const found = [...names.keys()].filter((group) => tally.findings[group] !== 0);
  const chosen = found.sort(mostUrgent(tally)).slice(0, top);
  const places = hostsOf(view, rows, ids, new Set(chosen));
  const numberOf = (numbers: Uint32Array, group: number): number => numbers[group] ?? 0;
  return {
    ...{ open_findings: tally.open, open_hosts: tally.allHosts, total_steps: found.length },
    ...(found.length > chosen.length ? { steps_left_out: found.length - chosen.length } : {}),
    left: tally.open - chosen.reduce((sum, group) => sum + numberOf(tally.findings, group), 0),
    without_fix: tally.without,
    ...feedsOf(view),
    steps: chosen.map((group) => {
      const { value, version, cves } = names[group] ?? { value: '' };
      return {
        do: shorten(value, WHERE_LENGTH),
        ...(version === undefined ? {} : { version }),
        ...{ removes: numberOf(tally.findings, group), hosts: numberOf(tally.hosts, group) },
        ...{ kev: numberOf(tally.kev, group), exploited: numberOf(tally.exploited, group) },
        overdue: numberOf(tally.overdue, group),
        max_severity_name: severityName(numberOf(tally.worst, group)) ?? 'info',
        ...(cves?.size ? { cve_count: cves.size, cves: [...cves].slice(0, CVES_NAMED) } : {}),
        where: whereabouts(places.get(group) ?? new Set()),
      };
    }),
    order:
      "by findings on CISA's list of exploited vulnerabilities, then those with an exploit, then critical and high ones, then all above info",
    ...(empty ? { empty } : {}),
  };
}

/** What each step removes. */
interface Tally {
  findings: Uint32Array;
  kev: Uint32Array;
  exploited: Uint32Array;
  serious: Uint32Array;
  overdue: Uint32Array;
  hosts: Uint32Array;
  worst: Uint32Array;
  open: number;
  allHosts: number;
  without: number;
}

function count(
  view: InventoryView,
  rows: Uint32Array,
  ids: Grouping['ids'],
  { groups, now }: { groups: number; now: number },
): Tally {
  const counts = (): Uint32Array => new Uint32Array(groups);
  const tally: Tally = {
    ...{ findings: counts(), kev: counts(), exploited: counts(), serious: counts(), overdue: counts() },
    ...{ hosts: counts(), worst: counts(), open: 0, allHosts: 0, without: 0 },
  };
  const lastHost = new Int32Array(groups).fill(-1);
  const ofKind = new Uint32Array(view.kinds.length);
  const overdue = new Uint32Array(view.kinds.length);
  let before = -1;
  for (const row of rows) {
    const kind = view.variants[row] ?? 0;
    if (view.severities[kind] === 0) continue;
    ofKind[kind] = (ofKind[kind] ?? 0) + 1;
    if (view.isOverdue(row, now)) overdue[kind] = (overdue[kind] ?? 0) + 1;
    const host = view.hosts[row] ?? 0;
    if (host !== before) tally.allHosts++;
    before = host;
    for (const group of ids[kind] ?? []) {
      if (lastHost[group] === host) continue;
      lastHost[group] = host;
      tally.hosts[group] = (tally.hosts[group] ?? 0) + 1;
    }
  }
  for (const [kind, found] of ofKind.entries())
    if (found > 0) addKind(tally, view, { kind, found, overdue, ids });
  return tally;
}

/** What findings have of their kind is counted once for each kind. */
function addKind(
  tally: Tally,
  view: InventoryView,
  { kind, found, overdue, ids }: { kind: number; found: number; overdue: Uint32Array; ids: Grouping['ids'] },
): void {
  const severity = view.severities[kind] ?? 0;
  const { kev, exploited } = view.kinds[kind]?.signals ?? {};
  const own = ids[kind] ?? [];
  tally.open += found;
  if (own.length === 0) tally.without += found;
  const add = (numbers: Uint32Array, group: number, count: number): void => {
    numbers[group] = (numbers[group] ?? 0) + count;
  };
  for (const group of own) {
    add(tally.findings, group, found);
    add(tally.overdue, group, overdue[kind] ?? 0);
    if (kev !== undefined) add(tally.kev, group, found);
    if (kev !== undefined || exploited) add(tally.exploited, group, found);
    if (severity >= 3) add(tally.serious, group, found);
    tally.worst[group] = Math.max(tally.worst[group] ?? 0, severity);
  }
}

function mostUrgent({ kev, exploited, serious, findings }: Tally): (a: number, b: number) => number {
  const more = (numbers: Uint32Array, a: number, b: number): number => (numbers[b] ?? 0) - (numbers[a] ?? 0);
  return (a, b) =>
    more(kev, a, b) || more(exploited, a, b) || more(serious, a, b) || more(findings, a, b) || a - b;
}

/** Where the findings of some steps are. */
function hostsOf(
  view: InventoryView,
  rows: Uint32Array,
  ids: Grouping['ids'],
  chosen: ReadonlySet<number>,
): Map<number, Set<string>> {
  const ofKind = ids.map((groups) => groups.filter((group) => chosen.has(group)));
  const places = new Map<number, number[]>([...chosen].map((group) => [group, []]));
  for (const row of rows)
    for (const group of ofKind[view.variants[row] ?? 0] ?? []) {
      const [hosts, host] = [places.get(group), view.hosts[row] ?? 0];
      if (hosts && hosts.at(-1) !== host) hosts.push(host); // rows stand host by host
    }
  return new Map(
    [...places].map(([group, hosts]) => [group, new Set(hosts.map((host) => view.hostNames[host] ?? ''))]),
  );
}

/** Hosts as networks and ranges, or where there are too many the networks with most of them. */
function whereabouts(hosts: ReadonlySet<string>): string {
  if (hosts.size <= MANY_HOSTS) return foldTargets([...hosts].join(','), WHERE_LENGTH).text;
  const networks = new Map<string, number>();
  for (const host of hosts) {
    const network = IPV4.test(host) ? `${host.slice(0, host.lastIndexOf('.'))}.0/24` : 'others';
    networks.set(network, (networks.get(network) ?? 0) + 1);
  }
  const most = [...networks].sort(([, a], [, b]) => b - a);
  const named = most.slice(0, NETWORKS_NAMED).map(([network, count]) => `${network} (${count})`);
  const left = most.length - named.length;
  return `${named.join(', ')}${left > 0 ? ` and ${left} more networks` : ''}`;
}
