import { compileFilters, severityName, shorten } from '@nmcp/schema';
import type { Filters, SeverityBreakdown } from '@nmcp/types';
import { countOf } from './count_groups.ts';
import { type EmptyAnswer, explainEmpty } from './explain_empty.ts';
import { type FindingGroup, groupAboveInfo } from './group_findings.ts';
import type { FindingsIndex } from './index/findings_index.ts';

/** A host with its findings by severity. */
export interface HostSummary extends SeverityBreakdown {
  host: string;
  os?: string;
}

/** Which scan it is: two scans of one name differ in when they ran. */
export interface ScanFacts {
  scan_name: string;
  policy_name?: string;
  /** When it ran, not when it was imported; ISO 8601 in UTC. */
  scan_start?: string;
  scan_end?: string;
  /** Whether the scanner could log in. */
  credentialed: string;
}

/** A scan in one answer. */
export interface ScanSummary extends ScanFacts {
  hosts: number;
  findings: number;
  /** Those of severity low or worse: what get_scan_status calls total_vulnerabilities. */
  findings_above_info: number;
  severity_breakdown: SeverityBreakdown;
  /** Findings of plugins for which an exploit exists. */
  exploitable: { findings: number; hosts: number };
  /** Findings with text of a host that addresses an assistant. */
  suspicious_texts: number;
  /** Worst hosts. */
  top_hosts: HostSummary[];
  /** Plugins of severity 1 and above, like the lists behind it. */
  top_plugins: FindingGroup[];
  top_cves: FindingGroup[];
  top_services: FindingGroup[];
  /** What the lists leave out: how many there are of each, of severity low or worse but for hosts. */
  totals: { hosts: number; plugins: number; cves: number; services: number };
  /** Whether authentication worked, in hosts. */
  authentication: { status: string; success: number; partial: number; failed: number; not_success: string[] };
  /** Which findings it is of; absent where it is of all. */
  filters_applied?: Filters;
  /** Why there are none. */
  empty?: EmptyAnswer;
}

const TOP = 10;
const SERVICES = 5;
const OS_LENGTH = 60;
const NAMES: readonly (keyof SeverityBreakdown)[] = ['info', 'low', 'medium', 'high', 'critical'];

/** Which scan it is. */
export function factsOf({ meta, validation }: FindingsIndex): ScanFacts {
  const { scanName, policyName, scan_start, scan_end } = meta;
  return {
    scan_name: scanName,
    ...(policyName === undefined ? {} : { policy_name: policyName }),
    ...(scan_start === undefined ? {} : { scan_start }),
    ...(scan_end === undefined ? {} : { scan_end }),
    credentialed: validation.authentication_status,
  };
}

/**
 * Summarizes a scan, or some of its findings: counts, worst hosts, plugins and CVEs, whether the credentials worked; small enough
 * for one answer. That of all findings is computed when the index is built.
 *
 * @throws {NmcpError} `invalid_input` for wrong filters
 */
export function summarizeScan(index: FindingsIndex, filters?: Filters): ScanSummary {
  if (filters === undefined) return index.stored<ScanSummary>('summary') ?? workOut(index, {});
  const summary = workOut(index, filters);
  const empty = summary.findings === 0 ? { empty: explainEmpty(index, filters) } : {};
  return { ...summary, filters_applied: filters, ...empty };
}

function workOut(index: FindingsIndex, filters: Filters): ScanSummary {
  const { rows } = index.select(filters);
  const { groups, matching_hosts, ofHosts } = groupAboveInfo(
    index,
    { plugin: TOP, cve: TOP, port: SERVICES },
    rows,
    filters,
  );
  const { plugin: plugins, cve: cves, port: services } = groups;
  const breakdown = breakdownOf(ofHosts);
  return {
    ...factsOf(index),
    hosts: Object.keys(filters).length === 0 ? index.meta.hosts : matching_hosts,
    findings: rows.length,
    findings_above_info: rows.length - breakdown.info,
    severity_breakdown: breakdown,
    exploitable: exploitable(index, rows),
    suspicious_texts:
      index.suspicious.size === 0 ? 0 : rows.filter((row) => index.suspicious.has(row)).length,
    top_hosts: topHosts(index, ofHosts),
    top_plugins: plugins.groups,
    top_cves: cves.groups,
    top_services: services.groups,
    totals: {
      hosts: matching_hosts,
      plugins: plugins.total_groups,
      cves: cves.total_groups,
      services: services.total_groups,
    },
    authentication: authentication(index),
  };
}

function exploitable(index: FindingsIndex, among: Uint32Array): { findings: number; hosts: number } {
  if (!index.meta.fields.includes('exploit_available')) return { findings: 0, hosts: 0 };
  const { matches } = compileFilters({ exploit_available: true });
  return countOf(
    index,
    among,
    Uint8Array.from(index.briefs, (variant) => (matches(variant) ? 1 : 0)),
  );
}

function breakdownOf(counts: Uint32Array): SeverityBreakdown {
  const sums: SeverityBreakdown = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  counts.forEach((count, i) => {
    sums[severityName(i % 5) ?? 'info'] += count;
  });
  return sums;
}

function topHosts(index: FindingsIndex, counts: Uint32Array): HostSummary[] {
  const found = new Set<number>();
  for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) found.add(Math.floor(i / 5));
  const worst = [...found].sort((a, b) => {
    for (let severity = 4; severity >= 0; severity--) {
      const order = (counts[b * 5 + severity] ?? 0) - (counts[a * 5 + severity] ?? 0);
      if (order !== 0) return order;
    }
    return a - b;
  });
  return worst.slice(0, TOP).map((host) => {
    const [os] = [index.facts[host]?.os ?? []].flat();
    const severities = Object.fromEntries(
      NAMES.map((name, severity) => [name, counts[host * 5 + severity] ?? 0]).reverse(),
    );
    return {
      host: index.hostNames[host] ?? '',
      ...(os ? { os: shorten(os, OS_LENGTH) } : {}),
      ...(severities as unknown as SeverityBreakdown),
    }; // of those names
  });
}

function authentication({ validation }: FindingsIndex): ScanSummary['authentication'] {
  const status = validation.authentication_status;
  const logins = status === 'not_applicable' ? [] : Object.entries(validation.logins);
  const count = (outcome: string): number => logins.filter(([, login]) => login === outcome).length;
  const not_success = logins
    .filter(([, login]) => login !== 'success')
    .map(([host, login]) => `${host} (${login})`);
  return {
    status,
    success: count('success'),
    partial: count('partial'),
    failed: count('failed'),
    not_success: not_success.slice(0, TOP),
  };
}
