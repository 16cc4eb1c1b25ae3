import { NmcpError } from '@nmcp/types';
import { createFetch, type FetchOptions } from 'ofetch';
import * as v from 'valibot';
import {
  type Authenticator,
  createAuthenticator,
  type NessusAuth,
  type UserLogin,
} from './authentication.ts';
import { type DownloadOptions, type DownloadSource, download } from './download.ts';
import { errorOfConnection, errorOfStatus, NessusApiError, ScanApiUnavailableError } from './errors.ts';
import { guardBody } from './guard_body.ts';
import { BodyTooLargeError, readLimited } from './read_limited.ts';
import { type RetryOptions, retryAfterMs, waitBeforeRetry } from './retry.ts';
import { sleep } from './sleep.ts';

/** Options of {@linkcode createNessusClient}. */
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

/** Options of every call. */
export interface CallOptions {
  /** Ends the call. */
  signal?: AbortSignal | undefined;
  /** In place of the client's own. */
  timeoutMs?: number | undefined;
}

/** Methods of the scanner's API. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What a call sends. */
export interface CallContent extends CallOptions {
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  body?: Readonly<Record<string, unknown>> | FormData | ReadableStream<Uint8Array> | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
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
  download(path: string, options?: DownloadOptions): Promise<ReadableStream<Uint8Array>>;
  /** Ends the session, if there is one. */
  close(): Promise<void>;
}

const MAX_JSON_BYTES = 67_108_864;
/** Milliseconds between two looks at a scanner that loads. */
const READY_POLL_MS = 1000;

const SessionSchema = v.looseObject({ token: v.pipe(v.string(), v.minLength(1)) });

/**
 * Opens a connection to a scanner. Nothing is sent before the first call.
 *
 * Calls throw `NmcpError`s: `scanner_unreachable` (no connection, 429, 500 and above: try again), `scanner_auth`,
 * `scan_api_unavailable` (the licence), `not_found`, `scanner_error`.
 *
 * @example
 * ```ts no-run
 * import { createNessusClient, listScans } from '@nmcp/nessus-client';
 *
 * const client = createNessusClient({
 *   url: 'https://localhost:8834',
 *   auth: { accessKey: 'A', secretKey: 'S' },
 * });
 * console.log(await listScans(client));
 * ```
 */
export function createNessusClient(options: NessusClientOptions): NessusClient {
  const connection = new Connection(options);
  return {
    origin: connection.origin,
    async call(schema, method, path, content = {}) {
      const endpoint = `${method} ${path}`;
      const text = await connection.send(method, path, content, (response) =>
        connection.text(response, endpoint),
      );
      return checkAnswer(schema, refuseErrorBody(parseJson(text, endpoint), endpoint), endpoint);
    },
    async run(method, path, content = {}) {
      const endpoint = `${method} ${path}`;
      const text = await connection.send(method, path, content, (response) =>
        connection.text(response, endpoint),
      );
      if (/^\s*\{/.test(text)) refuseErrorBody(parseJson(text, endpoint), endpoint);
    },
    download: (path, downloadOptions = {}) => connection.download(path, downloadOptions),
    close: () => connection.logout(),
  };
}

/** Sends requests with the right headers and turns refusals into errors. */
class Connection {
  readonly origin: string;
  readonly #options: NessusClientOptions;
  readonly #auth: Authenticator;
  readonly #fetch: ReturnType<typeof createFetch>;
  readonly #timeoutMs: number;

  constructor(options: NessusClientOptions) {
    this.origin = originOf(options.url);
    this.#options = options;
    this.#auth = createAuthenticator(options.auth, (user) => this.#login(user));
    this.#fetch = createFetch({ fetch: options.fetch ?? globalThis.fetch });
    this.#timeoutMs = options.timeoutMs ?? 30_000;
  }

  /** Makes a call and takes its answer, again where that is safe. */
  async send<T>(
    method: Method,
    path: string,
    content: CallContent,
    take: (response: Response) => Promise<T>,
  ): Promise<T> {
    let hasWaitedForReady = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return await take(await this.#sendOnce(method, path, content));
      } catch (error) {
        if (error instanceof ScanApiUnavailableError) throw await this.#withLicence(error);
        if (!hasWaitedForReady && (await this.#waitUntilReady(error, path, content.signal))) {
          hasWaitedForReady = true;
          attempt = 0;
          continue;
        }
        const wait = waitBeforeRetry(error, method, attempt, this.#options.retry ?? {});
        if (wait === undefined || content.body instanceof ReadableStream) throw error;
        await sleep(wait, content.signal);
      }
    }
  }

  async download(path: string, options: DownloadOptions): Promise<ReadableStream<Uint8Array>> {
    const { tries = 3, firstWaitMs = 500 } = this.#options.retry ?? {};
    const { query, signal, timeoutMs } = options;
    const source: DownloadSource = {
      endpoint: `GET ${path}`,
      open: (from) => {
        const headers = from === 0 ? {} : { range: `bytes=${from}-` };
        return this.send('GET', path, { query, signal, timeoutMs, headers }, async (response) => response);
      },
      tries,
      firstWaitMs,
      idleMs: timeoutMs ?? this.#timeoutMs,
      toError: (thrown) => errorOfConnection(thrown, this.origin, `GET ${path}`),
    };
    return await download(source, options);
  }

  async #sendOnce(method: Method, path: string, content: CallContent): Promise<Response> {
    const endpoint = `${method} ${path}`;
    const headers = await this.#auth.headers();
    const response = await this.#request(method, path, content, headers);
    if (response.status !== 401 || !this.#auth.renew(headers)) return await this.#checked(response, endpoint);
    await response.body?.cancel();
    if (content.body instanceof ReadableStream)
      throw errorOfConnection(
        new Error('the session ended in the middle of an upload'),
        this.origin,
        endpoint,
      );
    const again = await this.#request(method, path, content, await this.#auth.headers());
    if (again.status !== 401) return await this.#checked(again, endpoint);
    // the login was accepted a moment ago, so the credentials are good
    await again.body?.cancel();
    throw errorOfConnection(new Error('a new session ended at once'), this.origin, endpoint);
  }

  /** Whether a call failed because the scanner compiles its plugins, and that is over now. */
  async #waitUntilReady(error: unknown, path: string, signal: AbortSignal | undefined): Promise<boolean> {
    const { readyWaitMs = 60_000 } = this.#options;
    if (!(error instanceof NessusApiError) || error.httpStatus !== 503 || path.startsWith('/server/'))
      return false;
    const isLoading = async (): Promise<boolean> =>
      (await this.#ask('/server/status', signal))?.status === 'loading';
    if (!(await isLoading())) return false;
    for (let waited = 0; waited < readyWaitMs; waited += READY_POLL_MS) {
      await sleep(READY_POLL_MS, signal);
      if (!(await isLoading())) return true;
    }
    return false;
  }

  /** Says which licence it is that has no scan API. */
  async #withLicence(error: ScanApiUnavailableError): Promise<ScanApiUnavailableError> {
    const said = await this.#ask('/server/properties', undefined);
    return typeof said?.nessus_type === 'string'
      ? new ScanApiUnavailableError(error.endpoint, said.nessus_type.slice(0, 60))
      : error;
  }

  /** What the scanner says to everybody; `undefined` when it says nothing. */
  async #ask(path: string, signal: AbortSignal | undefined): Promise<Record<string, unknown> | undefined> {
    try {
      const response = await this.#request('GET', path, { signal }, {});
      return JSON.parse(await readLimited(response.body, 1_048_576));
    } catch {
      if (signal?.aborted) throw signal.reason;
      return undefined;
    }
  }

  async text(response: Response, endpoint: string): Promise<string> {
    try {
      const toError = (thrown: unknown): Error => errorOfConnection(thrown, this.origin, endpoint);
      const body = response.body ? guardBody(response.body, { idleMs: this.#timeoutMs, toError }) : null;
      return await readLimited(body, this.#options.maxJsonBytes ?? MAX_JSON_BYTES);
    } catch (error) {
      if (error instanceof BodyTooLargeError)
        throw new NessusApiError('scanner_error', `${endpoint}: ${error.message}`, response.status, endpoint);
      throw error;
    }
  }

  async logout(): Promise<void> {
    const token = this.#auth.token;
    if (token === undefined) return;
    const response = await this.#request('DELETE', '/session', {}, { 'x-cookie': `token=${token}` });
    await response.body?.cancel();
  }

  async #login(user: UserLogin): Promise<string> {
    const body = { username: user.username, password: user.password };
    const response = await this.#checked(
      await this.#request('POST', '/session', { body }, {}),
      'POST /session',
    );
    const text = await this.text(response, 'POST /session');
    return checkAnswer(SessionSchema, parseJson(text, 'POST /session'), 'POST /session').token;
  }

  async #request(
    method: Method,
    path: string,
    content: CallContent,
    headers: Record<string, string>,
  ): Promise<Response> {
    const endpoint = `${method} ${path}`;
    const limit = new AbortController();
    const timeoutMs = content.timeoutMs ?? this.#timeoutMs;
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    const fetchOptions: FetchOptions<'stream'> = {
      method,
      headers: { ...content.headers, ...headers, accept: 'application/json, */*' },
      ...(content.query ? { query: content.query } : {}),
      ...(content.body ? { body: content.body } : {}),
      ...(content.body instanceof ReadableStream ? { duplex: 'half' } : {}),
      signal: content.signal ? AbortSignal.any([content.signal, limit.signal]) : limit.signal,
      redirect: 'manual', // a redirect to another host would carry the credentials there
      responseType: 'stream',
      ignoreResponseError: true,
      retry: false,
    };
    try {
      return await this.#fetch.raw(this.origin + path, fetchOptions);
    } catch (error) {
      if (content.signal?.aborted) throw content.signal.reason;
      if (limit.signal.aborted) {
        throw errorOfConnection(new Error(`no answer within ${timeoutMs} ms`), this.origin, endpoint);
      }
      throw errorOfConnection(error, this.origin, endpoint);
    } finally {
      clearTimeout(timer); // whoever reads the body has limits of its own
    }
  }

  async #checked(response: Response, endpoint: string): Promise<Response> {
    if (response.ok) return response;
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      throw new NessusApiError(
        'scanner_error',
        `${endpoint} answered a redirect, which is not followed; is ${this.origin} the scanner's own address?`,
        response.status,
        endpoint,
      );
    }
    const said = await readLimited(response.body, 65_536).catch(() => '');
    const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
    throw errorOfStatus(response.status, endpoint, errorText(said), wait);
  }
}

/** An answer of status 200 that says that something went wrong. */
function refuseErrorBody(answer: unknown, endpoint: string): unknown {
  if (typeof answer !== 'object' || answer === null || Object.keys(answer).length > 2) return answer;
  if (!('error' in answer) || typeof answer.error !== 'string' || answer.error === '') return answer;
  throw new NessusApiError(
    'scanner_error',
    `${endpoint} answered 200 with an error: ${answer.error.slice(0, 300)}`,
    200,
    endpoint,
  );
}

function originOf(url: string | URL): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new NmcpError(
      'invalid_config',
      `The scanner's url ${JSON.stringify(String(url))} is not a URL; expected one such as https://localhost:8834`,
    );
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') {
    throw new NmcpError(
      'invalid_config',
      `The scanner's url must begin with https:// or http://, not ${parsed.protocol}`,
    );
  }
  return parsed.origin;
}

function errorText(body: string): string {
  try {
    const parsed = v.safeParse(v.looseObject({ error: v.string() }), JSON.parse(body));
    return parsed.success ? parsed.output.error.slice(0, 300) : '';
  } catch {
    return '';
  }
}

function parseJson(text: string, endpoint: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const what = /^\s*</.test(text)
      ? "HTML or XML, perhaps a proxy's page"
      : text === ''
        ? 'nothing'
        : 'something else';
    throw new NessusApiError(
      'scanner_error',
      `${endpoint} was expected to answer JSON and answered ${what}`,
      200,
      endpoint,
    );
  }
}

function checkAnswer<T>(schema: v.GenericSchema<unknown, T>, answer: unknown, endpoint: string): T {
  const result = v.safeParse(schema, answer);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'the answer';
  throw new NessusApiError(
    'scanner_error',
    `${endpoint}: ${path} was expected to be ${issue.expected ?? 'something else'}`,
    200,
    endpoint,
  );
}
