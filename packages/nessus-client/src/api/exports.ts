import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { DownloadOptions } from '../download.ts';
import { NessusApiError } from '../errors.ts';
import type { NessusClient } from '../nessus_client.ts';
import { sleep } from '../sleep.ts';
import { listIn, part, text } from './fields.ts';
import { downloadToken, FileStatusSchema, getTokenStatus } from './tokens.ts';

/** Formats of an export. */
export type ExportFormat = 'nessus' | 'csv' | 'html' | 'pdf' | 'db';

/** A file that the scanner is writing. */
export interface ExportTicket {
  scanId: number;
  /** Of the old way: /scans/{id}/export/{file}. */
  file: number | string;
  /** Of the new way: /tokens/{token}. Scanners before Nessus 7 give none. */
  token?: string | undefined;
}

/** What to export. */
export interface ExportRequest extends CallOptions {
  /** @default "nessus" */
  format?: ExportFormat | undefined;
  /** One run of the scan. @default the last */
  historyId?: number | undefined;
  /** Needed for `db`, which it encrypts. */
  password?: string | undefined;
  /** Report definition of `html` and `pdf`. */
  templateId?: number | undefined;
  /** Chapters of `html` and `pdf`, such as `vuln_hosts_summary`. */
  chapters?: readonly string[] | undefined;
}

/** Options of {@linkcode exportScan}. */
export interface ExportOptions extends ExportRequest, DownloadOptions {
  /** Milliseconds until the first look at the file; each wait is 1.5 times the one before, up to 5 seconds. @default 100 */
  firstWaitMs?: number | undefined;
  /** Milliseconds for the scanner to write the file. @default 1800000 */
  maxWaitMs?: number | undefined;
}

const TicketSchema: v.GenericSchema<unknown, { file: number | string; token?: string | null | undefined }> =
  v.looseObject({ file: v.union([v.number(), v.string()]), token: text });

const MAX_WAIT_STEP_MS = 5000;

/** POST /scans/{id}/export: asks for a file of a scan's results. 409 while the scan runs. */
export async function requestExport(
  client: NessusClient,
  scanId: number,
  { format = 'nessus', historyId, password, templateId, chapters, ...options }: ExportRequest = {},
): Promise<ExportTicket> {
  const answer = await client.call(TicketSchema, 'POST', `/scans/${scanId}/export`, {
    ...options,
    query: { history_id: historyId },
    body: { format, password, template_id: templateId, chapters: chapters?.join(';') },
  });
  return { scanId, file: answer.file, ...(answer.token ? { token: answer.token } : {}) };
}

/** GET /scans/{id}/export/{file}/status: how far the file is: `loading`, `ready` or `error`. */
export async function getExportStatus(
  client: NessusClient,
  ticket: ExportTicket,
  options: CallOptions = {},
): Promise<string> {
  if (ticket.token !== undefined) return (await getTokenStatus(client, ticket.token, options)).status;
  return (await client.call(FileStatusSchema, 'GET', `${pathOf(ticket)}/status`, options)).status;
}

/** GET /scans/{id}/export/{file}/download: streams the file when it is `ready`. */
export function downloadExport(
  client: NessusClient,
  ticket: ExportTicket,
  options: DownloadOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  return ticket.token === undefined
    ? client.download(`${pathOf(ticket)}/download`, options)
    : downloadToken(client, ticket.token, options);
}

const FormatsSchema: v.GenericSchema<unknown, string[]> = v.pipe(
  listIn('formats', v.union([v.string(), v.looseObject({ format: v.string() })])),
  v.transform((formats) => formats.map((entry) => (typeof entry === 'string' ? entry : entry.format))),
);

/** GET /scans/{id}/export/formats: the formats in which a scan can be exported. */
export function listExportFormats(
  client: NessusClient,
  scanId: number,
  options: CallOptions = {},
): Promise<string[]> {
  return client.call(FormatsSchema, 'GET', `/scans/${scanId}/export/formats`, options);
}

/**
 * Asks for a file of a finished scan's results, waits until it is written, and streams it. A download that breaks off is
 * taken up where it broke; its length is checked.
 *
 * @throws {NmcpError} `scanner_error` when the scanner cannot write it, takes longer than `maxWaitMs`, or sends another
 *   length than it said.
 */
export async function exportScan(
  client: NessusClient,
  scanId: number,
  options: ExportOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  const { firstWaitMs = 100, maxWaitMs = 1_800_000, hash, onProgress, ...request } = options;
  const call = { signal: options.signal, timeoutMs: options.timeoutMs };
  const ticket = await requestExport(client, scanId, request);
  for (let waited = 0, wait = firstWaitMs; ; wait = Math.min(wait * 1.5, MAX_WAIT_STEP_MS)) {
    const status = await getExportStatus(client, ticket, call);
    if (status === 'ready') return await downloadExport(client, ticket, { ...call, hash, onProgress });
    if (status === 'error' || waited >= maxWaitMs) {
      const why =
        status === 'error'
          ? 'could not write the export'
          : `has not written the export after ${maxWaitMs} ms`;
      const endpoint = `POST /scans/${scanId}/export`;
      throw new NessusApiError('scanner_error', `The scanner ${why} of scan ${scanId}`, 200, endpoint);
    }
    await sleep(wait, options.signal);
    waited += wait;
  }
}

function pathOf(ticket: ExportTicket): string {
  return `/scans/${ticket.scanId}/export/${part(ticket.file)}`;
}
