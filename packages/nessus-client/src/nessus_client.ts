import type * as v from 'valibot';
import type { NessusAuth } from './authentication.ts';
import type { CallContent, Method } from './call.ts';
import type { DownloadOptions } from './download.ts';
import type { RetryOptions } from './retry.ts';

/** Options of `createNessusClient`. */
export interface NessusClientOptions {
  /** Where the scanner listens, such as `https://nessus.example.org:8834` or `https://cloud.tenable.com`. */
  url: string | URL;
  auth: NessusAuth;
  /** Sends requests; pass one that trusts the scanner's certificate. @default globalThis.fetch */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds for an answer to begin, and between two pieces of it. @default 30000 */
  timeoutMs?: number | undefined;
  /** Bytes that an answer in JSON may have. @default 67108864 */
  maxJsonBytes?: number | undefined;
  /** How calls that are safe to repeat are repeated. @default 3 tries, the first wait 0.5 seconds */
  retry?: RetryOptions | undefined;
  /** Milliseconds that a call waits for a scanner that compiles its plugins. @default 60000 */
  readyWaitMs?: number | undefined;
}

/**
 * A connection to one scanner. The calls of the API are functions that take it first, such as `listScans(client)`, so
 * that a bundle holds only what is used.
 */
export interface NessusClient {
  /** Scheme, host and port of the scanner. */
  readonly origin: string;
  /** Makes a call and checks its answer. */
  call<T>(
    schema: v.GenericSchema<unknown, T>,
    method: Method,
    path: string,
    content?: CallContent,
  ): Promise<T>;
  /** Makes a call whose answer has no content that matters. */
  run(method: Method, path: string, content?: CallContent): Promise<void>;
  /** Makes a call whose answer is a file. */
  download(path: string, options?: DownloadOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /** Ends the session, if there is one. */
  close(): Promise<void>;
}
