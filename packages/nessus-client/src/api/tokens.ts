import * as v from 'valibot';
import type { CallOptions } from '../call.ts';
import type { DownloadOptions } from '../download.ts';
import type { NessusClient } from '../nessus_client.ts';
import { part } from './fields.ts';

/** How far a file is: `loading`, `ready` or `error`. */
export interface FileStatus {
  status: string;
  /** What went wrong. */
  error?: string | null | undefined;
}

/** Schema of a {@linkcode FileStatus}. */
export const FileStatusSchema: v.GenericSchema<unknown, FileStatus> = v.looseObject({
  status: v.string(),
  error: v.nullish(v.string()),
});

/** GET /tokens/{token}/status: how far a file is that was asked for. */
export function getTokenStatus(
  client: NessusClient,
  token: string,
  options: CallOptions = {},
): Promise<FileStatus> {
  return client.call(FileStatusSchema, 'GET', `/tokens/${part(token)}/status`, options);
}

/** GET /tokens/{token}/download: streams a file that is `ready`. */
export function downloadToken(
  client: NessusClient,
  token: string,
  options: DownloadOptions = {},
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  return client.download(`/tokens/${part(token)}/download`, options);
}
