import { countSeverities } from '../network/findings.ts';
import type { SimulatedPlugin } from '../network/plugin.ts';
import { contextOf, type ReportedHost } from '../report/write_report.ts';
import {
  endOf,
  finishedHosts,
  hostsOf,
  reportHost,
  type ScanRun,
  type SimulatedScan,
  statusOf,
} from '../scan.ts';
import { notFound } from '../state/refusal.ts';
import type { ScannerState } from '../state/scanner_state.ts';

type Run = ScanRun | undefined;

/** A scan as GET /scans lists it. */
export function listEntry(scan: SimulatedScan, state: ScannerState): object {
  return {
    id: scan.id,
    uuid: scan.runs.at(-1)?.uuid ?? null,
    name: scan.name,
    status: state.scans.status(scan),
    folder_id: scan.folderId,
    type: 'local',
    read: scan.isRead,
    shared: scan.sharedBy !== undefined,
    owner: scan.sharedBy ?? state.settings.username,
    user_permissions: scan.sharedBy === undefined ? 128 : 16,
    creation_date: Math.floor(scan.createdAt / 1000),
    last_modification_date: Math.floor(scan.modifiedAt / 1000),
  };
}

/** GET /scans/{id} */
export function scanDetails(scan: SimulatedScan, state: ScannerState, run: Run): object {
  const status = statusOf(scan, state.world, state.now(), run);
  const endedAt = run && endOf(scan, state.world, state.now(), run);
  const hosts = scan.imported ? importedHosts(scan) : [...runHosts(scan, state, run)];
  return {
    info: {
      name: scan.name,
      uuid: run?.uuid ?? null,
      object_id: scan.id,
      status,
      targets: run?.altTargets ?? scan.targetText,
      policy: scan.policy?.name ?? 'Advanced Scan',
      scanner_name: 'Local Scanner',
      hostcount: hosts.length,
      scan_start: run ? Math.floor(run.startedAt / 1000) : null,
      scan_end: endedAt === undefined ? null : Math.floor(endedAt / 1000),
      folder_id: scan.folderId,
      hasaudittrail: false,
    },
    hosts,
    vulnerabilities: ['completed', 'canceled', 'aborted', 'imported'].includes(status)
      ? vulnerabilities(scan, state, run)
      : [],
    history: scan.runs.map((past) => ({
      history_id: past.historyId,
      uuid: past.uuid,
      status: statusOf(scan, state.world, state.now(), past),
      creation_date: Math.floor(past.startedAt / 1000),
      last_modification_date: Math.floor(past.startedAt / 1000),
    })),
    compliance: [],
    comphosts: [],
    filters: [],
    notes: null,
    remediations: null,
  };
}

function hostRow(hostId: number, name: string, percent: number, findings: { severity: number }[]): object {
  const counts = countSeverities(findings);
  const { critical, high, medium, low, info } = counts;
  return {
    host_id: hostId,
    host_index: hostId - 1,
    hostname: name,
    progress: `${percent}-100/100-100`,
    scanprogresscurrent: percent,
    scanprogresstotal: 100,
    ...counts,
    severity: findings.length,
    score: critical * 10_000 + high * 1000 + medium * 100 + low * 10 + info,
  };
}

function* runHosts(scan: SimulatedScan, state: ScannerState, run: Run): Generator<object> {
  for (const { hostId, host, percent } of hostsOf(scan, state.world, state.now(), run)) {
    const findings = percent >= 100 ? [...reportHost(scan, host, state.world, run).plugins] : [];
    yield hostRow(hostId, host.name, percent, findings);
  }
}

function importedHosts(scan: SimulatedScan): object[] {
  return (scan.imported?.hosts ?? []).map((host, i) => hostRow(i + 1, host.name, 100, host.findings));
}

interface Counted {
  plugin_id: number;
  plugin_name: string;
  plugin_family: string;
  severity: number;
  count: number;
}

function counted(
  findings: Iterable<{ id: number; name: string; family: string; severity: number }>,
): object[] {
  const byPlugin = new Map<number, Counted>();
  for (const { id, name, family, severity } of findings) {
    const known = byPlugin.get(id);
    if (known) known.count++;
    else byPlugin.set(id, { plugin_id: id, plugin_name: name, plugin_family: family, severity, count: 1 });
  }
  return [...byPlugin.values()].map((entry, i) => ({ ...entry, vuln_index: i + 1 }));
}

function* allFindings(scan: SimulatedScan, state: ScannerState, run: Run): Generator<SimulatedPlugin> {
  for (const { plugins } of finishedHosts(scan, state.world, state.now(), run)) yield* plugins;
}

function vulnerabilities(scan: SimulatedScan, state: ScannerState, run: Run): object[] {
  return counted(
    scan.imported ? scan.imported.hosts.flatMap((host) => host.findings) : allFindings(scan, state, run),
  );
}

function findHost(scan: SimulatedScan, hostId: number, state: ScannerState, run: Run): ReportedHost {
  for (const entry of hostsOf(scan, state.world, state.now(), run)) {
    if (entry.hostId === hostId) return reportHost(scan, entry.host, state.world, run);
  }
  throw notFound();
}

/** GET /scans/{id}/hosts/{host_id} */
export function hostDetails(scan: SimulatedScan, hostId: number, state: ScannerState, run: Run): object {
  if (scan.imported) {
    const host = scan.imported.hosts[hostId - 1];
    if (!host) throw notFound();
    return { info: { 'host-ip': host.name }, vulnerabilities: counted(host.findings), compliance: [] };
  }
  const { host, plugins } = findHost(scan, hostId, state, run);
  return {
    info: {
      'host-ip': host.ip,
      'host-fqdn': host.fqdn,
      'operating-system': host.os,
      'mac-address': host.mac,
    },
    vulnerabilities: counted(plugins).map((entry) => ({ ...entry, host_id: hostId, hostname: host.name })),
    compliance: [],
  };
}

/** GET /scans/{id}/hosts/{host_id}/kb: what plugins have told one another of a host, a line each. */
export function hostKnowledge(scan: SimulatedScan, hostId: number, state: ScannerState, run: Run): string {
  const { host, plugins } = findHost(scan, hostId, state, run);
  const at = Math.floor((run?.startedAt ?? scan.createdAt) / 1000);
  const facts = [
    `Host/fqdn=${host.fqdn}`,
    `Host/OS=${host.os}`,
    ...plugins.map(({ id }) => `Success/${id}=1`),
  ];
  return facts.map((fact) => `${at} 1 ${fact}\n`).join('');
}

function pluginInfo(plugin: SimulatedPlugin): object {
  const { id, name, family, severity, synopsis, description, solution } = plugin;
  return {
    plugindescription: {
      pluginid: id,
      pluginname: name,
      pluginfamily: family,
      severity,
      pluginattributes: { synopsis, description, solution },
    },
  };
}

function pluginOutput(
  plugin: SimulatedPlugin,
  reported: ReportedHost,
  scan: SimulatedScan,
  state: ScannerState,
): object {
  const context = contextOf(reported, { key: String(state.settings.seed), scanName: scan.name });
  const port = `${plugin.port} / ${plugin.protocol} / ${plugin.service}`;
  return {
    plugin_output: plugin.output?.(context) ?? '',
    severity: plugin.severity,
    ports: { [port]: [{ hostname: reported.host.name }] },
  };
}

/** GET /scans/{id}/hosts/{host_id}/plugins/{plugin_id} */
export function hostPlugin(
  scan: SimulatedScan,
  hostId: number,
  pluginId: number,
  state: ScannerState,
  run: Run,
): object {
  const reported = findHost(scan, hostId, state, run);
  const plugin = reported.plugins.find(({ id }) => id === pluginId);
  if (!plugin) throw notFound();
  return { info: pluginInfo(plugin), outputs: [pluginOutput(plugin, reported, scan, state)] };
}

/** GET /scans/{id}/plugins/{plugin_id} */
export function scanPlugin(scan: SimulatedScan, pluginId: number, state: ScannerState, run: Run): object {
  const outputs: object[] = [];
  let found: SimulatedPlugin | undefined;
  for (const reported of finishedHosts(scan, state.world, state.now(), run)) {
    const plugin = reported.plugins.find(({ id }) => id === pluginId);
    if (!plugin) continue;
    found = plugin;
    outputs.push(pluginOutput(plugin, reported, scan, state));
  }
  if (!found) throw notFound();
  return { info: pluginInfo(found), outputs };
}
