import type { SeverityBreakdown } from '@nmcp/types';
import { type FindingGroup, groupFindings, severityOf } from './group_findings.ts';
import type { FindingsIndex } from './index/findings_index.ts';

/** A host with its findings by severity. */
export interface HostSummary extends SeverityBreakdown {
  host: string;
  os?: string;
}

/** A scan in one answer. */
export interface ScanSummary {
  scan_name: string;
  hosts: number;
  findings: number;
  severity_breakdown: SeverityBreakdown;
  /** Findings of plugins for which an exploit exists. */
  exploitable: { findings: number; hosts: number };
  top_hosts: HostSummary[];
  /** Plugins of severity 1 and above. */
  top_plugins: FindingGroup[];
  top_cves: FindingGroup[];
  top_services: FindingGroup[];
  /** Whether authentication worked, in hosts. */
  authentication: { status: string; success: number; partial: number; failed: number; not_success: string[] };
}

const TOP = 10;
const NAME_LENGTH = 90;
const NAMES: readonly (keyof SeverityBreakdown)[] = ['info', 'low', 'medium', 'high', 'critical'];

/** Summarizes a scan: counts, worst hosts, plugins and CVEs, whether the credentials worked; small enough for one answer. It is computed when the index is built. */
export function summarizeScan(index: FindingsIndex): ScanSummary {
  return index.stored<ScanSummary>('summary') ?? workOut(index);
}

function workOut(index: FindingsIndex): ScanSummary {
  const { meta, validation } = index;
  return {
    scan_name: meta.scanName,
    hosts: meta.hosts,
    findings: meta.findings,
    severity_breakdown: validation.stats.severity_breakdown,
    exploitable: exploitable(index),
    top_hosts: topHosts(index),
    top_plugins: top(index, 'plugin'),
    top_cves: top(index, 'cve'),
    top_services: groupFindings(index, 'port', { filters: { severity: '>=1' }, top: 5 }).groups,
    authentication: authentication(index),
  };
}

function top(index: FindingsIndex, field: string): FindingGroup[] {
  const { groups } = groupFindings(index, field, { filters: { severity: '>=1' }, top: TOP });
  return groups.map((group) =>
    group.name === undefined ? group : { ...group, name: group.name.slice(0, NAME_LENGTH) },
  );
}

function exploitable(index: FindingsIndex): { findings: number; hosts: number } {
  if (!index.meta.fields.includes('exploit_available')) return { findings: 0, hosts: 0 };
  const { rows } = index.select({ exploit_available: true });
  const hosts = new Uint8Array(index.hostNames.length);
  for (const row of rows) hosts[index.hosts[row] ?? 0] = 1;
  return { findings: rows.length, hosts: hosts.reduce((sum, flag) => sum + flag, 0) };
}

/** Number of findings of each severity by host: five numbers a host, info first. */
export function severitiesByHost(index: FindingsIndex): Uint32Array {
  const severities = Uint8Array.from(index.briefs, severityOf);
  const counts = new Uint32Array(index.hostNames.length * 5);
  const { hosts, variants } = index;
  for (let row = 0; row < hosts.length; row++) {
    const at = (hosts[row] ?? 0) * 5 + (severities[variants[row] ?? 0] ?? 0);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

function topHosts(index: FindingsIndex): HostSummary[] {
  const counts = severitiesByHost(index);
  const worst = Array.from(index.hostNames, (_, host) => host).sort((a, b) => {
    for (let severity = 4; severity >= 0; severity--) {
      const order = (counts[b * 5 + severity] ?? 0) - (counts[a * 5 + severity] ?? 0);
      if (order !== 0) return order;
    }
    return a - b;
  });
  return worst.slice(0, TOP).map((host) => {
    const os = index.hostProperties(host)['operating-system']?.split('\n')[0]?.slice(0, 60);
    const severities = Object.fromEntries(
      NAMES.map((name, severity) => [name, counts[host * 5 + severity] ?? 0]).reverse(),
    );
    return {
      host: index.hostNames[host] ?? '',
      ...(os ? { os } : {}),
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
