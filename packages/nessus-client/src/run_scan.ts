import { isNmcpError, NmcpError } from '@nmcp/types';
import { findScanByMarker, withMarker } from './api/find_by_marker.ts';
import { findTemplate } from './api/find_template.ts';
import { getScan, type ScanPhase, scanPhase, scanProgress } from './api/scan_details.ts';
import { createScan, launchScan, type ScanSettings, stopScan } from './api/scans.ts';
import { getServerProperties } from './api/server.ts';
import type { CallOptions } from './call.ts';
import { credentialSet, type Logins } from './credentials.ts';
import { ScanApiUnavailableError } from './errors.ts';
import { type ExportOptions, exportScan } from './export_scan.ts';
import type { NessusClient } from './nessus_client.ts';
import { sleep } from './sleep.ts';

/** What a scan is doing. */
export interface ScanUpdate {
  phase: ScanPhase;
  /** Nessus's own word. */
  status: string;
  /** Percent of the work done, 0 to 100, whole. */
  progress: number;
}

/** Options of {@linkcode watchScan}. */
export interface WatchOptions extends CallOptions {
  /** Milliseconds between the first two looks; each wait is a quarter longer than the one before. @default 1000 */
  firstPollMs?: number | undefined;
  /** Longest wait in milliseconds. @default 30000 */
  maxPollMs?: number | undefined;
  /** Milliseconds that a scanner may not answer before the watch gives up. @default 300000 */
  patienceMs?: number | undefined;
}

/**
 * Follows a scan: an update at once and at every change of its status or progress, until it is `completed` or `failed`.
 *
 * @throws {NmcpError} `not_found` when the scan is deleted meanwhile; `scanner_unreachable` after `patienceMs`
 */
export async function* watchScan(
  client: NessusClient,
  scanId: number,
  options: WatchOptions = {},
): AsyncGenerator<ScanUpdate, void, undefined> {
  const { firstPollMs = 1000, maxPollMs = 30_000, patienceMs = 300_000, ...call } = options;
  let last = '';
  let silentMs = 0;
  for (let wait = firstPollMs; ; wait = Math.min(maxPollMs, wait * 1.25)) {
    try {
      const update = await lookAtScan(client, scanId, call);
      silentMs = 0;
      const text = JSON.stringify(update);
      if (text !== last) yield update;
      last = text;
      if (update.phase === 'completed' || update.phase === 'failed') return;
    } catch (error) {
      if (!isNmcpError(error, 'scanner_unreachable') || silentMs >= patienceMs) throw error;
      silentMs += wait;
    }
    await sleep(wait, options.signal);
  }
}

async function lookAtScan(client: NessusClient, scanId: number, options: CallOptions): Promise<ScanUpdate> {
  const details = await getScan(client, scanId, options);
  const { status } = details.info;
  const phase = scanPhase(status);
  return { phase, status, progress: phase === 'completed' ? 100 : scanProgress(details) };
}

/** A scan on a scanner. */
export interface ScanHandle {
  readonly id: number;
  /** What it is doing now. */
  look(options?: CallOptions): Promise<ScanUpdate>;
  /** See {@linkcode watchScan}. */
  watch(options?: WatchOptions): AsyncGenerator<ScanUpdate, void, undefined>;
  /** Waits for the end. @throws {NmcpError} `scanner_error` when it ends without results */
  finished(options?: WatchOptions): Promise<ScanUpdate>;
  /** Streams its results; see {@linkcode exportScan}. */
  export(options?: ExportOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /** Ends it; what was found so far stays. */
  stop(options?: CallOptions): Promise<void>;
}

/** Takes hold of a scan that is on the scanner already, running or finished. Works on all licences. */
export function attachScan(client: NessusClient, scanId: number): ScanHandle {
  return {
    id: scanId,
    look: (options = {}) => lookAtScan(client, scanId, options),
    watch: (options) => watchScan(client, scanId, options),
    async finished(options) {
      let end: ScanUpdate | undefined;
      for await (const update of watchScan(client, scanId, options)) end = update;
      if (end?.phase === 'completed') return end;
      throw new NmcpError(
        'scanner_error',
        `Scan ${scanId} ended without finishing: its status is ${end?.status}`,
      );
    },
    export: (options) => exportScan(client, scanId, options),
    stop: (options) => stopScan(client, scanId, options),
  };
}

/** What {@linkcode runScan} runs. */
export interface RunScanOptions extends CallOptions {
  /** In Nessus's syntax: addresses, CIDR blocks, ranges, names, separated by commas. */
  targets: string;
  /** @default "Scan" */
  name?: string | undefined;
  description?: string | undefined;
  /** Name of the template. @default "basic" */
  template?: string | undefined;
  logins?: Logins | undefined;
  /** Further settings of the template. */
  settings?: Partial<ScanSettings> | undefined;
}

/** Times that a scan is looked for and created when the answers get lost. */
const CREATE_TRIES = 3;

/**
 * Creates a scan and launches it. When an answer gets lost, the scan is looked for by a mark in its description before
 * another is created, so that no two run.
 *
 * @throws {NmcpError} `scan_api_unavailable` where the licence has no scan API; `not_found` for a template that the scanner
 *   does not have, a {@linkcode TemplateNotFoundError}
 *
 * @example
 * ```ts
 * import { createNessusClient, runScan } from '@nmcp/nessus-client';
 * import { startSimulator } from '@nmcp/simulator';
 *
 * await using scanner = await startSimulator({ tls: false, speed: 1000 });
 * const { url, accessKey, secretKey } = scanner;
 * const client = createNessusClient({ url, auth: { accessKey, secretKey } });
 *
 * const scan = await runScan(client, { targets: '192.0.2.0/28' });
 * await scan.finished({ firstPollMs: 20 });
 * console.assert((await new Response(await scan.export()).text()).includes('<ReportHost'));
 * ```
 */
export async function runScan(client: NessusClient, options: RunScanOptions): Promise<ScanHandle> {
  const { targets, name = 'Scan', description = '', template = 'basic', logins, settings = {} } = options;
  const call: CallOptions = { signal: options.signal, timeoutMs: options.timeoutMs };
  const credentials = logins && credentialSet(logins);
  const { license, nessus_type } = await getServerProperties(client, call);
  if (license?.features?.scan_api === false)
    throw new ScanApiUnavailableError('POST /scans', nessus_type ?? undefined);
  const marker = `nmcp:${crypto.randomUUID()}`;
  const scan = {
    uuid: (await findTemplate(client, 'scan', template, call)).uuid,
    settings: {
      ...settings,
      name,
      text_targets: targets,
      description: withMarker(description, marker),
    },
    ...(credentials ? { credentials } : {}),
  };
  const id = await createOnce(client, marker, name, () => createScan(client, scan, call), call);
  await launchOnce(client, id, call);
  return attachScan(client, id);
}

async function createOnce(
  client: NessusClient,
  marker: string,
  name: string,
  create: () => Promise<number>,
  options: CallOptions,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create();
    } catch (error) {
      if (!isNmcpError(error, 'scanner_unreachable') || attempt >= CREATE_TRIES) throw error;
      const known = await findScanByMarker(client, { marker, name }, options);
      if (known !== undefined) return known;
    }
  }
}

async function launchOnce(client: NessusClient, scanId: number, options: CallOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await launchScan(client, scanId, options);
      return;
    } catch (error) {
      if (!isNmcpError(error, 'scanner_unreachable') || attempt >= CREATE_TRIES) throw error;
      if ((await lookAtScan(client, scanId, options)).status !== 'empty') return;
    }
  }
}
