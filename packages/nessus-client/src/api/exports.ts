import { isNmcpError } from '@nmcp/types';
import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { DownloadOptions } from '../download.ts';
import { NessusApiError } from '../errors.ts';
import type { NessusClient } from '../nessus_client.ts';
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

const TicketSchema: v.GenericSchema<unknown, { file: number | string; token?: string | null | undefined }> =
  v.looseObject({ file: v.union([v.number(), v.string()]), token: text });

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

/**
 * GET /scans/{id}/export/{file}/status: how far the file is: `loading`, `ready` or `error`. Where the ticket's token is not
 * known, as by versions that give one and have no /tokens, the old way is asked.
 *
 * @throws {NmcpError} `not_found` when the scanner has forgotten the file
 */
export async function getExportStatus(
  client: NessusClient,
  ticket: ExportTicket,
  options: CallOptions = {},
): Promise<string> {
  const { token } = ticket;
  try {
    return await oneOfTwoWays(token && (() => getTokenStatus(client, token, options)), () =>
      client.call(FileStatusSchema, 'GET', `${pathOf(ticket)}/status`, options),
    ).then(({ status }) => status);
  } catch (error) {
    // a file that it could not write is told with 500 by some
    const said = error instanceof NessusApiError ? v.safeParse(FileStatusSchema, error.body) : undefined;
    if (said?.success && said.output.status === 'error') return 'error';
    throw error;
  }
}

/** GET /scans/{id}/export/{file}/download: streams the file when it is `ready`. */
export function downloadExport(
  client: NessusClient,
  ticket: ExportTicket,
  options: DownloadOptions = {},
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { token } = ticket;
  return oneOfTwoWays(token && (() => downloadToken(client, token, options)), () =>
    client.download(`${pathOf(ticket)}/download`, options),
  );
}

/** By the token where there is one and it is known, else by the file. */
async function oneOfTwoWays<T>(
  byToken: (() => Promise<T>) | '' | undefined,
  byFile: () => Promise<T>,
): Promise<T> {
  if (!byToken) return await byFile();
  try {
    return await byToken();
  } catch (error) {
    if (!isNmcpError(error, 'not_found')) throw error;
    return await byFile();
  }
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

function pathOf(ticket: ExportTicket): string {
  return `/scans/${ticket.scanId}/export/${part(ticket.file)}`;
}
