import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { fieldOf, id, listIn, number, seconds, text } from './fields.ts';

/** A scanner that this one manages, itself among them. */
export interface ManagedScanner {
  id: number;
  name?: string | null | undefined;
  uuid?: string | null | undefined;
  type?: string | null | undefined;
  /** `on` or `off`. */
  status?: string | null | undefined;
  /** 1 when it is linked. */
  linked?: number | null | undefined;
  scan_count?: number | null | undefined;
  engine_version?: string | null | undefined;
  platform?: string | null | undefined;
  loaded_plugin_set?: string | null | undefined;
  owner?: string | null | undefined;
  /** Unix seconds. */
  creation_date?: number | null | undefined;
  /** Unix seconds. */
  last_modification_date?: number | null | undefined;
}

const ScannerSchema: v.GenericSchema<unknown, ManagedScanner> = v.looseObject({
  id,
  name: text,
  uuid: text,
  type: text,
  status: text,
  linked: number,
  scan_count: number,
  engine_version: text,
  platform: text,
  loaded_plugin_set: text,
  owner: text,
  creation_date: seconds,
  last_modification_date: seconds,
});

/** A scan that runs on a scanner now. */
export interface ScannerScan {
  id?: string | number | null | undefined;
  name?: string | null | undefined;
  scan_id?: number | null | undefined;
  status?: string | null | undefined;
  /** Unix seconds. */
  start_time?: number | null | undefined;
}

const ScannersSchema = listIn('scanners', ScannerSchema);
const ScansSchema = listIn(
  'scans',
  v.looseObject({
    id: v.nullish(v.union([v.string(), v.number()])),
    name: text,
    scan_id: number,
    status: text,
    start_time: seconds,
  }),
);
const TargetsSchema = listIn('targets', v.looseObject({}));
const KeySchema = fieldOf('key', v.string());

/** GET /scanners: the scanners that this one manages. */
export function listManagedScanners(
  client: NessusClient,
  options: CallOptions = {},
): Promise<ManagedScanner[]> {
  return client.call(ScannersSchema, 'GET', '/scanners', options);
}

/** GET /scanners/{id}: one of them. */
export function getManagedScanner(
  client: NessusClient,
  scannerId: number,
  options: CallOptions = {},
): Promise<ManagedScanner> {
  return client.call(ScannerSchema, 'GET', `/scanners/${scannerId}`, options);
}

/** What a scanner is asked to do. */
export interface ScannerUpdate {
  forcePluginUpdate?: boolean;
  forceUiUpdate?: boolean;
  finishUpdate?: boolean;
  registrationCode?: string;
}

/** PUT /scanners/{id}: makes a scanner update itself. */
export function updateManagedScanner(
  client: NessusClient,
  scannerId: number,
  update: ScannerUpdate,
  options: CallOptions = {},
): Promise<void> {
  const bit = (value: boolean | undefined): number | undefined =>
    value === undefined ? undefined : Number(value);
  const body = {
    force_plugin_update: bit(update.forcePluginUpdate),
    force_ui_update: bit(update.forceUiUpdate),
    finish_update: bit(update.finishUpdate),
    registration_code: update.registrationCode,
  };
  return client.run('PUT', `/scanners/${scannerId}`, { ...options, body });
}

/** DELETE /scanners/{id}: unlinks a scanner. */
export function deleteManagedScanner(
  client: NessusClient,
  scannerId: number,
  options: CallOptions = {},
): Promise<void> {
  return client.run('DELETE', `/scanners/${scannerId}`, options);
}

/** PUT /scanners/{id}/link: links a scanner, or unlinks it for a while. */
export function linkManagedScanner(
  client: NessusClient,
  scannerId: number,
  isLinked: boolean,
  options: CallOptions = {},
): Promise<void> {
  return client.run('PUT', `/scanners/${scannerId}/link`, { ...options, body: { link: Number(isLinked) } });
}

/** GET /scanners/{id}/scans: the scans that run on a scanner now. */
export function listRunningScans(
  client: NessusClient,
  scannerId: number,
  options: CallOptions = {},
): Promise<ScannerScan[]> {
  return client.call(ScansSchema, 'GET', `/scanners/${scannerId}/scans`, options);
}

/** POST /scanners/{id}/scans/{scan_uuid}/control: stops, pauses or resumes a run on a scanner. */
export function controlRunningScan(
  client: NessusClient,
  scannerId: number,
  scanUuid: string,
  action: 'stop' | 'pause' | 'resume',
  options: CallOptions = {},
): Promise<void> {
  const path = `/scanners/${scannerId}/scans/${encodeURIComponent(scanUuid)}/control`;
  return client.run('POST', path, { ...options, body: { action } });
}

/** GET /scanners/{id}/key: the key by which a scanner links itself. Secret. */
export function getLinkingKey(
  client: NessusClient,
  scannerId: number,
  options: CallOptions = {},
): Promise<string> {
  return client.call(KeySchema, 'GET', `/scanners/${scannerId}/key`, options);
}

/** GET /scanners/{id}/aws-targets: instances that a scanner in AWS can see. */
export function listAwsTargets(
  client: NessusClient,
  scannerId: number,
  options: CallOptions = {},
): Promise<Record<string, unknown>[]> {
  return client.call(TargetsSchema, 'GET', `/scanners/${scannerId}/aws-targets`, options);
}
