import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { facts, id, maybeListOf, number, seconds, text, word } from './fields.ts';

/** A host in a scan's details. */
export interface ScanHost {
  host_id: number;
  hostname: string;
  /** `current-total/current-total`, as Nessus writes it. */
  progress?: string | null | undefined;
  scanprogresscurrent?: number | null | undefined;
  scanprogresstotal?: number | null | undefined;
  critical?: number | null | undefined;
  high?: number | null | undefined;
  medium?: number | null | undefined;
  low?: number | null | undefined;
  info?: number | null | undefined;
  severity?: number | null | undefined;
  score?: number | null | undefined;
}

/** A plugin's findings over all hosts, or on one. */
export interface ScanVulnerability {
  plugin_id: number;
  plugin_name?: string | null | undefined;
  plugin_family?: string | null | undefined;
  /** 0 info to 4 critical. */
  severity: number;
  count?: number | null | undefined;
  vuln_index?: number | null | undefined;
}

/** One run of a scan. */
export interface ScanRun {
  history_id: number;
  uuid?: string | null | undefined;
  status?: string | null | undefined;
  /** Unix seconds. */
  creation_date?: number | null | undefined;
  /** Unix seconds. */
  last_modification_date?: number | null | undefined;
}

/** A scan with its hosts, findings and runs. */
export interface ScanDetails {
  info: {
    status: string;
    name?: string | null | undefined;
    uuid?: string | null | undefined;
    object_id?: number | null | undefined;
    targets?: string | null | undefined;
    policy?: string | null | undefined;
    scanner_name?: string | null | undefined;
    hostcount?: number | null | undefined;
    folder_id?: number | null | undefined;
    /** Unix seconds. */
    scan_start?: number | null | undefined;
    /** Unix seconds. */
    scan_end?: number | null | undefined;
  };
  hosts?: ScanHost[] | null | undefined;
  vulnerabilities?: ScanVulnerability[] | null | undefined;
  history?: ScanRun[] | null | undefined;
  compliance?: unknown[] | null | undefined;
  comphosts?: unknown[] | null | undefined;
  remediations?: unknown;
  notes?: unknown;
  filters?: unknown[] | null | undefined;
}

const HostSchema: v.GenericSchema<unknown, ScanHost> = v.looseObject({
  host_id: id,
  hostname: word,
  progress: text,
  scanprogresscurrent: number,
  scanprogresstotal: number,
  critical: number,
  high: number,
  medium: number,
  low: number,
  info: number,
  severity: number,
  score: number,
});

const VulnerabilitySchema: v.GenericSchema<unknown, ScanVulnerability> = v.looseObject({
  plugin_id: id,
  plugin_name: text,
  plugin_family: text,
  severity: id,
  count: number,
  vuln_index: number,
});

const ScanDetailsSchema: v.GenericSchema<unknown, ScanDetails> = v.looseObject({
  info: v.looseObject({
    status: word,
    name: text,
    uuid: text,
    object_id: number,
    targets: text,
    policy: text,
    scanner_name: text,
    hostcount: number,
    folder_id: number,
    scan_start: seconds,
    scan_end: seconds,
  }),
  hosts: maybeListOf(HostSchema),
  vulnerabilities: maybeListOf(VulnerabilitySchema),
  history: maybeListOf(
    v.looseObject({
      history_id: id,
      uuid: text,
      status: text,
      creation_date: seconds,
      last_modification_date: seconds,
    }),
  ),
  compliance: maybeListOf(v.unknown()),
  comphosts: maybeListOf(v.unknown()),
  remediations: v.optional(v.unknown()),
  notes: v.optional(v.unknown()),
  filters: maybeListOf(v.unknown()),
});

/** Options of calls on one run of a scan. */
export interface RunOptions extends CallOptions {
  /** @default the last run */
  historyId?: number | undefined;
}

/** GET /scans/{id}: a scan with its hosts, findings and runs. */
export function getScan(
  client: NessusClient,
  scanId: number,
  { historyId, ...options }: RunOptions = {},
): Promise<ScanDetails> {
  const query = { history_id: historyId };
  return client.call(ScanDetailsSchema, 'GET', `/scans/${scanId}`, { ...options, query });
}

/** A host of a scan with its findings. */
export interface HostDetails {
  info: Record<string, unknown>;
  vulnerabilities: ScanVulnerability[];
  compliance: unknown[];
}

const HostDetailsSchema: v.GenericSchema<unknown, HostDetails> = v.pipe(
  v.looseObject({
    info: v.pipe(
      facts,
      v.transform((info) => info ?? {}),
    ),
    vulnerabilities: maybeListOf(VulnerabilitySchema),
    compliance: maybeListOf(v.unknown()),
  }),
);

/** GET /scans/{id}/hosts/{host_id}: one host with its findings. */
export function getScanHost(
  client: NessusClient,
  scanId: number,
  hostId: number,
  { historyId, ...options }: RunOptions = {},
): Promise<HostDetails> {
  const query = { history_id: historyId };
  return client.call(HostDetailsSchema, 'GET', `/scans/${scanId}/hosts/${hostId}`, { ...options, query });
}

/** What a plugin said, and on which ports. */
export interface PluginOutput {
  plugin_output?: string | null | undefined;
  severity?: number | null | undefined;
  /** Port such as `443 / tcp / www` to the hosts on which it was found. */
  ports?: Record<string, { hostname?: string | null | undefined }[]> | null | undefined;
}

/** A plugin and what it said on one host or on all. */
export interface PluginResult {
  info?: unknown;
  outputs: PluginOutput[];
}

const PluginResultSchema: v.GenericSchema<unknown, PluginResult> = v.pipe(
  v.looseObject({
    info: v.optional(v.unknown()),
    outputs: v.nullish(
      v.array(
        v.looseObject({
          plugin_output: text,
          severity: number,
          ports: v.nullish(v.record(v.string(), v.array(v.looseObject({ hostname: text })))),
        }),
      ),
    ),
  }),
  v.transform((answer) => ({ ...answer, outputs: answer.outputs ?? [] })),
);

/** GET /scans/{id}/hosts/{host_id}/plugins/{plugin_id}: what a plugin said on one host. */
export function getHostPlugin(
  client: NessusClient,
  scanId: number,
  hostId: number,
  pluginId: number,
  { historyId, ...options }: RunOptions = {},
): Promise<PluginResult> {
  const path = `/scans/${scanId}/hosts/${hostId}/plugins/${pluginId}`;
  return client.call(PluginResultSchema, 'GET', path, { ...options, query: { history_id: historyId } });
}

/** GET /scans/{id}/plugins/{plugin_id}: what a plugin said on all hosts. */
export function getScanPlugin(
  client: NessusClient,
  scanId: number,
  pluginId: number,
  { historyId, ...options }: RunOptions = {},
): Promise<PluginResult> {
  const query = { history_id: historyId };
  return client.call(PluginResultSchema, 'GET', `/scans/${scanId}/plugins/${pluginId}`, {
    ...options,
    query,
  });
}

/** A finding as GET /scans tells it: one plugin on one host. */
export interface HostFinding extends ScanVulnerability {
  host: ScanHost;
}

/** All findings of a scan, host by host. One call a host. */
export async function* iterateFindings(
  client: NessusClient,
  scanId: number,
  options: RunOptions = {},
): AsyncGenerator<HostFinding> {
  const { hosts } = await getScan(client, scanId, options);
  for (const host of hosts ?? []) {
    const { vulnerabilities } = await getScanHost(client, scanId, host.host_id, options);
    for (const vulnerability of vulnerabilities) yield { ...vulnerability, host };
  }
}

/** Percent of a scan's work done, from its hosts' counters; 0 to 100, whole. */
export function scanProgress(details: ScanDetails): number {
  const hosts = details.hosts ?? [];
  const expected = Math.max(hosts.length, details.info.hostcount ?? 0);
  if (expected === 0) return 0;
  const done = hosts.reduce((sum, host) => {
    const total = host.scanprogresstotal ?? 0;
    return sum + (total > 0 ? Math.min(1, (host.scanprogresscurrent ?? 0) / total) : 0);
  }, 0);
  return Math.floor((100 * done) / expected);
}

/** What a scan is doing: `queued`, `running`, `paused` by a person, `completed` with results, `failed` without. */
export type ScanPhase = 'queued' | 'running' | 'paused' | 'completed' | 'failed';

/**
 * Nessus's status words. Sources: the API's documentation of GET /scans; `publishing` and `initializing` are of Tenable
 * Vulnerability Management, whose words are at developer.tenable.com/docs/scan-status-tio; `cancelled` was seen in the field.
 */
const PHASES: Readonly<Record<string, ScanPhase>> = {
  empty: 'queued',
  pending: 'queued',
  initializing: 'queued',
  running: 'running',
  processing: 'running', // the results are still being written
  publishing: 'running', // the same in Tenable Vulnerability Management
  pausing: 'running',
  resuming: 'running',
  stopping: 'running',
  canceling: 'running',
  cancelling: 'running',
  paused: 'paused',
  completed: 'completed',
  imported: 'completed',
  stopped: 'failed',
  canceled: 'failed',
  cancelled: 'failed',
  aborted: 'failed',
};

/** What a status word of Nessus means; a word that nobody knows counts as running: see {@linkcode isKnownStatus}. */
export function scanPhase(status: string): ScanPhase {
  return PHASES[keyOf(status)] ?? 'running';
}

/** Whether a status word is one of Nessus's known ones. */
export function isKnownStatus(status: string): boolean {
  return Object.hasOwn(PHASES, keyOf(status));
}

function keyOf(status: string): string {
  return status.trim().toLowerCase();
}
