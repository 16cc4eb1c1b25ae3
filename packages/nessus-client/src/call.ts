/** Methods of the scanner's API. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Options of every call. */
export interface CallOptions {
  /** Ends the call. */
  signal?: AbortSignal | undefined;
  /** In place of the client's own. */
  timeoutMs?: number | undefined;
  /** Asked right before the call is sent, each time, when a session is open; what it throws ends the call unsent. */
  beforeSend?: (() => Promise<void>) | undefined;
}

/** What a call sends. */
export interface CallContent extends CallOptions {
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  body?: Readonly<Record<string, unknown>> | FormData | ReadableStream<Uint8Array> | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
}
