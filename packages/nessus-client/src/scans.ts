import * as v from 'valibot';
import type { CallOptions, NessusClient } from './client.ts';

/** A scan as the list shows it. */
export interface ScanListEntry {
  id: number;
  name: string;
  status: string;
  uuid?: string | null | undefined;
  folder_id?: number | null | undefined;
  /** Unix seconds. */
  creation_date?: number | null | undefined;
  /** Unix seconds. */
  last_modification_date?: number | null | undefined;
}

const optionalNumber = v.nullish(v.number());

const ScanListSchema: v.GenericSchema<unknown, { scans: ScanListEntry[] | null }> = v.looseObject({
  scans: v.nullable(
    v.array(
      v.looseObject({
        id: v.number(),
        name: v.string(),
        status: v.string(),
        uuid: v.nullish(v.string()),
        folder_id: optionalNumber,
        creation_date: optionalNumber,
        last_modification_date: optionalNumber,
      }),
    ),
  ),
});

/** GET /scans */
export async function listScans(
  client: NessusClient,
  filter: { folderId?: number; modifiedSince?: number } = {},
  options: CallOptions = {},
): Promise<ScanListEntry[]> {
  const query = { folder_id: filter.folderId, last_modification_date: filter.modifiedSince };
  return (await client.call(ScanListSchema, 'GET', '/scans', { ...options, query })).scans ?? [];
}

/** What a new scan is made of. */
export interface NewScan {
  /** Of the template; see `listScanTemplates`. */
  uuid: string;
  settings: {
    name: string;
    text_targets: string;
    description?: string;
    enabled?: boolean;
    folder_id?: number;
    scanner_id?: number;
    policy_id?: number;
    launch_now?: boolean;
  };
  credentials?: { add: Record<string, Record<string, readonly Record<string, unknown>[]>> };
}

const CreatedSchema: v.GenericSchema<unknown, { scan: { id: number } }> = v.looseObject({
  scan: v.looseObject({ id: v.number() }),
});

/**
 * POST /scans. It is not safe to repeat: after a lost answer, look for the scan first.
 *
 * @returns the scan's id
 */
export async function createScan(
  client: NessusClient,
  scan: NewScan,
  options: CallOptions = {},
): Promise<number> {
  const body = {
    uuid: scan.uuid,
    settings: scan.settings,
    ...(scan.credentials ? { credentials: scan.credentials } : {}),
  };
  return (await client.call(CreatedSchema, 'POST', '/scans', { ...options, body })).scan.id;
}

/** POST /scans/{id}/launch */
export function launchScan(client: NessusClient, scanId: number, options: CallOptions = {}): Promise<void> {
  return client.run('POST', `/scans/${scanId}/launch`, options);
}

/** POST /scans/{id}/stop */
export function stopScan(client: NessusClient, scanId: number, options: CallOptions = {}): Promise<void> {
  return client.run('POST', `/scans/${scanId}/stop`, options);
}

/** DELETE /scans/{id} */
export function deleteScan(client: NessusClient, scanId: number, options: CallOptions = {}): Promise<void> {
  return client.run('DELETE', `/scans/${scanId}`, options);
}

/** A host in a scan's details. */
export interface ScanHost {
  host_id: number;
  hostname: string;
  scanprogresscurrent?: number | null | undefined;
  scanprogresstotal?: number | null | undefined;
  critical?: number | undefined;
  high?: number | undefined;
  medium?: number | undefined;
  low?: number | undefined;
  info?: number | undefined;
}

/** A scan with its hosts. */
export interface ScanDetails {
  info: {
    name?: string | undefined;
    status: string;
    uuid?: string | null | undefined;
    targets?: string | null | undefined;
    hostcount?: number | null | undefined;
    /** Unix seconds. */
    scan_start?: number | null | undefined;
    /** Unix seconds. */
    scan_end?: number | null | undefined;
  };
  hosts?: ScanHost[] | null | undefined;
}

const ScanDetailsSchema: v.GenericSchema<unknown, ScanDetails> = v.looseObject({
  info: v.looseObject({
    name: v.optional(v.string()),
    status: v.string(),
    uuid: v.nullish(v.string()),
    targets: v.nullish(v.string()),
    hostcount: optionalNumber,
    scan_start: optionalNumber,
    scan_end: optionalNumber,
  }),
  hosts: v.nullish(
    v.array(
      v.looseObject({
        host_id: v.number(),
        hostname: v.string(),
        scanprogresscurrent: optionalNumber,
        scanprogresstotal: optionalNumber,
        critical: v.optional(v.number()),
        high: v.optional(v.number()),
        medium: v.optional(v.number()),
        low: v.optional(v.number()),
        info: v.optional(v.number()),
      }),
    ),
  ),
});

/** GET /scans/{id} */
export function getScan(
  client: NessusClient,
  scanId: number,
  options: CallOptions = {},
): Promise<ScanDetails> {
  return client.call(ScanDetailsSchema, 'GET', `/scans/${scanId}`, options);
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
