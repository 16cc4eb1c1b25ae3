import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import { checkRequest } from '../check_request.ts';
import type { CredentialSet } from '../credentials.ts';
import type { NessusClient } from '../nessus_client.ts';
import {
  fieldOf,
  flag,
  id,
  listIn,
  listOf,
  maybeListOf,
  number,
  part,
  seconds,
  text,
  word,
} from './fields.ts';
import { type Folder, FolderSchema } from './folders.ts';

/** A scan as the list shows it. */
export interface ScanListEntry {
  id: number;
  name: string;
  /** One of Nessus's words: see {@linkcode scanPhase}. */
  status: string;
  uuid?: string | null | undefined;
  folder_id?: number | null | undefined;
  owner?: string | null | undefined;
  type?: string | null | undefined;
  read?: boolean | null | undefined;
  shared?: boolean | null | undefined;
  user_permissions?: number | null | undefined;
  /** Unix seconds. */
  creation_date?: number | null | undefined;
  /** Unix seconds. */
  last_modification_date?: number | null | undefined;
}

const ScanListEntrySchema: v.GenericSchema<unknown, ScanListEntry> = v.looseObject({
  id,
  name: v.fallback(word, ''),
  status: v.fallback(word, ''),
  uuid: text,
  folder_id: number,
  owner: text,
  type: text,
  read: flag,
  shared: flag,
  user_permissions: number,
  creation_date: seconds,
  last_modification_date: seconds,
});

/** The answer of GET /scans. */
export interface ScanList {
  folders: Folder[];
  scans: ScanListEntry[];
  /** Unix seconds, by the scanner's clock: what to ask for as `modifiedSince` the next time. */
  timestamp?: number | null | undefined;
}

const ScanListSchema: v.GenericSchema<unknown, ScanList> = v.looseObject({
  folders: maybeListOf(FolderSchema),
  scans: listOf(ScanListEntrySchema),
  timestamp: seconds,
});

/** Which scans to list. */
export interface ScanFilter {
  folderId?: number | undefined;
  /** Unix seconds. */
  modifiedSince?: number | undefined;
}

/** GET /scans: all scans and folders, with the scanner's time. */
export function getScanList(
  client: NessusClient,
  filter: ScanFilter = {},
  options: CallOptions = {},
): Promise<ScanList> {
  const query = { folder_id: filter.folderId, last_modification_date: filter.modifiedSince };
  return client.call(ScanListSchema, 'GET', '/scans', { ...options, query });
}

/** GET /scans: the scans alone. */
export async function listScans(
  client: NessusClient,
  filter: ScanFilter = {},
  options: CallOptions = {},
): Promise<ScanListEntry[]> {
  return (await getScanList(client, filter, options)).scans;
}

/** Settings of a scan; a template may have more. */
export interface ScanSettings {
  name: string;
  /** Targets in Nessus's syntax. */
  text_targets: string;
  description?: string;
  enabled?: boolean;
  folder_id?: number;
  scanner_id?: number;
  policy_id?: number;
  launch_now?: boolean;
  [setting: string]: unknown;
}

/** What a new scan is made of. */
export interface NewScan {
  /** Of the template; see `listTemplates`. */
  uuid: string;
  settings: ScanSettings;
  /** Logins to the hosts; see `credentialSet`. */
  credentials?: CredentialSet;
}

const SettingsSchema = v.looseObject({
  name: v.pipe(v.string(), v.minLength(1, 'is empty')),
  text_targets: v.pipe(v.string(), v.minLength(1, 'is empty')),
  description: v.optional(v.string()),
  enabled: v.optional(v.boolean()),
  folder_id: v.optional(v.number()),
  scanner_id: v.optional(v.number()),
  policy_id: v.optional(v.number()),
  launch_now: v.optional(v.boolean()),
});

const NewScanSchema = v.object({
  uuid: v.pipe(v.string(), v.minLength(1, 'is empty; listTemplates has those of the scanner')),
  settings: SettingsSchema,
  credentials: v.optional(v.record(v.string(), v.unknown())),
});

const CreatedSchema = fieldOf('scan', v.looseObject({ id }));

/**
 * POST /scans: creates a scan and answers its id. It is not safe to repeat: after a lost answer, look for the scan first.
 *
 * @throws {NmcpError} `invalid_input` for a scan that no scanner would take; `scan_api_unavailable`
 */
export async function createScan(
  client: NessusClient,
  scan: NewScan,
  options: CallOptions = {},
): Promise<number> {
  const body = checkRequest(NewScanSchema, scan, 'createScan');
  return (await client.call(CreatedSchema, 'POST', '/scans', { ...options, body })).id;
}

/** PUT /scans/{id}: changes a scan's settings. */
export function updateScan(
  client: NessusClient,
  scanId: number,
  change: { uuid?: string; settings?: Partial<ScanSettings>; credentials?: CredentialSet },
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/scans/${scanId}`, { ...options, body: { ...change } });
}

/** DELETE /scans/{id}: removes a scan and all its results. 409 while it runs. */
export function deleteScan(client: NessusClient, scanId: number, options: CallOptions = {}): Promise<void> {
  return client.run('DELETE', `/scans/${scanId}`, options);
}

const DeletedSchema = listIn('deleted', id);

/** DELETE /scans: removes several scans and answers the ids of those that are gone. */
export function deleteScans(
  client: NessusClient,
  scanIds: readonly number[],
  options: CallOptions = {},
): Promise<number[]> {
  return client.call(DeletedSchema, 'DELETE', '/scans', { ...options, body: { ids: scanIds } });
}

/** POST /scans/{id}/copy: copies a scan without its results. */
export function copyScan(
  client: NessusClient,
  scanId: number,
  to: { folderId?: number; name?: string } = {},
  options: CallOptions = {},
): Promise<ScanListEntry> {
  const body = { folder_id: to.folderId, name: to.name };
  return client.call(ScanListEntrySchema, 'POST', `/scans/${scanId}/copy`, { ...options, body });
}

const LaunchedSchema = fieldOf('scan_uuid', v.string());

/**
 * POST /scans/{id}/launch: starts a scan and answers the uuid of its run. It is not safe to repeat: look at the scan's
 * status first.
 */
export function launchScan(
  client: NessusClient,
  scanId: number,
  { altTargets, ...options }: CallOptions & { altTargets?: readonly string[] } = {},
): Promise<string> {
  const body = altTargets ? { alt_targets: altTargets } : {};
  return client.call(LaunchedSchema, 'POST', `/scans/${scanId}/launch`, { ...options, body });
}

/** POST /scans/{id}/stop: ends a run; what was found so far stays. 409 when it does not run. */
export function stopScan(client: NessusClient, scanId: number, options: CallOptions = {}): Promise<void> {
  return client.run('POST', `/scans/${scanId}/stop`, options);
}

/** POST /scans/{id}/pause: halts a run. */
export function pauseScan(client: NessusClient, scanId: number, options: CallOptions = {}): Promise<void> {
  return client.run('POST', `/scans/${scanId}/pause`, options);
}

/** POST /scans/{id}/resume: goes on with a run that was paused. */
export function resumeScan(client: NessusClient, scanId: number, options: CallOptions = {}): Promise<void> {
  return client.run('POST', `/scans/${scanId}/resume`, options);
}

/** POST /scans/{id}/kill: ends a run at once. */
export function killScan(client: NessusClient, scanId: number, options: CallOptions = {}): Promise<void> {
  return client.run('POST', `/scans/${scanId}/kill`, options);
}

/** POST /scans/{id}/force-stop: ends a run that does not react to stop. */
export function forceStopScan(
  client: NessusClient,
  scanId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('POST', `/scans/${scanId}/force-stop`, options);
}

/** PUT /scans/{id}/status: marks a scan as read or unread. */
export function markScanRead(
  client: NessusClient,
  scanId: number,
  isRead: boolean,
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/scans/${scanId}/status`, { ...options, query: { read: isRead } });
}

/** DELETE /scans/{id}/history/{history_id}: removes the results of one run. */
export function deleteScanHistory(
  client: NessusClient,
  scanId: number,
  historyId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', `/scans/${scanId}/history/${historyId}`, options);
}

/** GET /scans/{id}/attachments/{attachment_id}: streams a file that a plugin attached. */
export function downloadAttachment(
  client: NessusClient,
  scanId: number,
  attachment: { id: number; key: string },
  options: CallOptions = {},
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const query = { key: attachment.key };
  return client.download(`/scans/${scanId}/attachments/${part(attachment.id)}`, { ...options, query });
}
