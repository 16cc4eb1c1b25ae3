import * as v from 'valibot';
import type { CallOptions, NessusClient } from './client.ts';
import { NessusApiError } from './errors.ts';

/** A file that the scanner is writing. */
export interface ExportTicket {
  scanId: number;
  /** Of the old way: /scans/{id}/export/{file}. */
  file: number | string;
  /** Of the new way: /tokens/{token}. Scanners before Nessus 7 give none. */
  token?: string | undefined;
}

/** Options of {@linkcode exportScan}. */
export interface ExportOptions extends CallOptions {
  /** One run of the scan. @default the last */
  historyId?: number | undefined;
  /** Milliseconds until the first look at the file; each wait is 1.5 times the one before, up to 5 seconds. @default 100 */
  firstWaitMs?: number | undefined;
  /** Milliseconds for the scanner to write the file. @default 1800000 */
  maxWaitMs?: number | undefined;
  /** Waits; a test passes its own. */
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

const TicketSchema: v.GenericSchema<unknown, { file: number | string; token?: string | undefined }> =
  v.looseObject({
    file: v.union([v.number(), v.string()]),
    token: v.optional(v.string()),
  });

const StatusSchema: v.GenericSchema<unknown, { status: string }> = v.looseObject({ status: v.string() });

/** POST /scans/{id}/export for the .nessus format. 409 while the scan runs. */
export async function requestExport(
  client: NessusClient,
  scanId: number,
  options: ExportOptions = {},
): Promise<ExportTicket> {
  const answer = await client.call(TicketSchema, 'POST', `/scans/${scanId}/export`, {
    signal: options.signal,
    query: { history_id: options.historyId },
    body: { format: 'nessus' },
  });
  return { scanId, file: answer.file, token: answer.token };
}

/** Whether the file is `loading`, `ready`, or `error`. */
export async function getExportStatus(
  client: NessusClient,
  ticket: ExportTicket,
  options: CallOptions = {},
): Promise<string> {
  return (await client.call(StatusSchema, 'GET', `${pathOf(ticket)}/status`, options)).status;
}

/** Streams the file when it is `ready`. */
export function downloadExport(
  client: NessusClient,
  ticket: ExportTicket,
  options: CallOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  return client.download(`${pathOf(ticket)}/download`, options);
}

/**
 * Asks for a finished scan's .nessus file, waits until it is written, and streams it.
 *
 * @throws {NmcpError} `scanner_error` when the scanner cannot write it or takes longer than `maxWaitMs`.
 */
export async function exportScan(
  client: NessusClient,
  scanId: number,
  options: ExportOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  const ticket = await requestExport(client, scanId, options);
  const sleep = options.sleep ?? abortableSleep;
  const maxWait = options.maxWaitMs ?? 1_800_000;
  let waited = 0;
  for (let wait = options.firstWaitMs ?? 100; ; wait = Math.min(wait * 1.5, 5000)) {
    const status = await getExportStatus(client, ticket, options);
    if (status === 'ready') return await downloadExport(client, ticket, options);
    if (status === 'error' || waited >= maxWait) {
      const why =
        status === 'error' ? 'could not write the export' : `has not written the export after ${maxWait} ms`;
      throw new NessusApiError(
        'scanner_error',
        `The scanner ${why} of scan ${scanId}`,
        200,
        `POST /scans/${scanId}/export`,
      );
    }
    await sleep(wait, options.signal);
    waited += wait;
  }
}

function pathOf(ticket: ExportTicket): string {
  return ticket.token === undefined
    ? `/scans/${ticket.scanId}/export/${encodeURIComponent(ticket.file)}`
    : `/tokens/${encodeURIComponent(ticket.token)}`;
}

function abortableSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
