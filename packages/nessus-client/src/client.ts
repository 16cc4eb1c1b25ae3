import { NmcpError } from '@nmcp/types';
import { createFetch, type FetchOptions } from 'ofetch';
import * as v from 'valibot';
import {
  type Authenticator,
  createAuthenticator,
  type NessusAuth,
  type UserLogin,
} from './authentication.ts';
import { errorOfConnection, errorOfStatus, NessusApiError } from './errors.ts';
import { guardBody } from './guard_body.ts';
import { BodyTooLargeError, readLimited } from './read_limited.ts';

/** Options of {@linkcode createNessusClient}. */
export interface NessusClientOptions {
  /** Where the scanner listens, such as `https://nessus.example.org:8834`. */
  url: string | URL;
  auth: NessusAuth;
  /** Sends requests; pass one that trusts the scanner's certificate. @default globalThis.fetch */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds for an answer to begin, and between two pieces of it. @default 30000 */
  timeoutMs?: number | undefined;
  /** Bytes that an answer in JSON may have. @default 67108864 */
  maxJsonBytes?: number | undefined;
}

/** Options of every call. */
export interface CallOptions {
  /** Ends the call. */
  signal?: AbortSignal | undefined;
}

/** Methods of the scanner's API. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What a call sends. */
export interface CallContent extends CallOptions {
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  body?: Readonly<Record<string, unknown>> | undefined;
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
  download(path: string, options?: CallOptions): Promise<ReadableStream<Uint8Array>>;
  /** Ends the session, if there is one. */
  close(): Promise<void>;
}

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
      const text = await connection.text(await connection.send(method, path, content), endpoint);
      return checkAnswer(schema, parseJson(text, endpoint), endpoint);
    },
    async run(method, path, content = {}) {
      await connection.text(await connection.send(method, path, content), `${method} ${path}`);
    },
    async download(path, callOptions = {}) {
      return await connection.stream(path, callOptions);
    },
    async close() {
      await connection.logout();
    },
  };
}

/** Sends requests with the right headers and turns refusals into errors. */
class Connection {
  readonly origin: string;
  readonly #auth: Authenticator;
  readonly #fetch: ReturnType<typeof createFetch>;
  readonly #timeoutMs: number;
  readonly #maxJsonBytes: number;

  constructor(options: NessusClientOptions) {
    this.origin = originOf(options.url);
    this.#auth = createAuthenticator(options.auth, (user) => this.#login(user));
    this.#fetch = createFetch({ fetch: options.fetch ?? globalThis.fetch });
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#maxJsonBytes = options.maxJsonBytes ?? 67_108_864;
  }

  async send(method: Method, path: string, content: CallContent): Promise<Response> {
    const headers = await this.#auth.headers();
    const response = await this.#request(method, path, content, headers);
    if (response.status !== 401 || !this.#auth.renew(headers))
      return await this.#checked(response, `${method} ${path}`);
    await response.body?.cancel();
    const again = await this.#request(method, path, content, await this.#auth.headers());
    if (again.status !== 401) return await this.#checked(again, `${method} ${path}`);
    // the login was accepted a moment ago, so the credentials are good
    await again.body?.cancel();
    throw errorOfConnection(new Error('a new session ended at once'), this.origin, `${method} ${path}`);
  }

  async stream(path: string, options: CallOptions): Promise<ReadableStream<Uint8Array>> {
    const endpoint = `GET ${path}`;
    const response = await this.send('GET', path, options);
    if (!response.body) {
      throw new NessusApiError(
        'scanner_error',
        `${endpoint} answered without a body`,
        response.status,
        endpoint,
      );
    }
    return this.#guard(response.body, endpoint, options.signal);
  }

  async text(response: Response, endpoint: string): Promise<string> {
    try {
      const body = response.body ? this.#guard(response.body, endpoint) : null;
      return await readLimited(body, this.#maxJsonBytes);
    } catch (error) {
      if (error instanceof BodyTooLargeError)
        throw new NessusApiError('scanner_error', `${endpoint}: ${error.message}`, response.status, endpoint);
      throw error;
    }
  }

  #guard(
    body: ReadableStream<Uint8Array>,
    endpoint: string,
    signal?: AbortSignal,
  ): ReadableStream<Uint8Array> {
    return guardBody(body, {
      idleMs: this.#timeoutMs,
      toError: (thrown) =>
        signal?.aborted ? signal.reason : errorOfConnection(thrown, this.origin, endpoint),
    });
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
    const timer = setTimeout(() => limit.abort(), this.#timeoutMs);
    const fetchOptions: FetchOptions<'stream'> = {
      method,
      headers: { ...headers, accept: 'application/json, */*' },
      ...(content.query ? { query: content.query } : {}),
      ...(content.body ? { body: content.body } : {}),
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
        throw errorOfConnection(new Error(`no answer within ${this.#timeoutMs} ms`), this.origin, endpoint);
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
    throw errorOfStatus(response.status, endpoint, errorText(said));
  }
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
