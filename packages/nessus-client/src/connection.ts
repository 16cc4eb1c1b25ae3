import { NmcpError } from '@nmcp/types';
import { createFetch } from 'ofetch';
import * as v from 'valibot';
import { type Authenticator, createAuthenticator, type UserLogin } from './authentication.ts';
import type { CallContent, Method } from './call.ts';
import { type DownloadOptions, type DownloadSource, download } from './download.ts';
import {
  errorOfConnection,
  NessusApiError,
  ScanApiUnavailableError,
  ScannerUnreachableError,
} from './errors.ts';
import type { NessusClientOptions } from './nessus_client.ts';
import { checkAnswer, parseJson } from './read_answer.ts';
import { BodyTooLargeError, readLimited } from './read_limited.ts';
import { requireSuccess } from './require_success.ts';
import { waitBeforeRetry } from './retry.ts';
import { type RequestTarget, sendRequest } from './send_request.ts';
import { sleep } from './sleep.ts';
import { withIdleTimeout } from './with_idle_timeout.ts';

/** Times that an answer may take as long as its beginning. */
const TRICKLE = 4;
const MAX_JSON_BYTES = 67_108_864;
/** Milliseconds between two looks at a scanner that loads. */
const READY_POLL_MS = 1000;

/** Calls that a licence can forbid. */
const STARTS_SCAN = /^\/scans(?:\/\d+\/launch)?$/;
/** What says that it does. */
const LicenceSchema = v.looseObject({
  nessus_type: v.optional(v.string()),
  license: v.looseObject({ features: v.looseObject({ scan_api: v.literal(false) }) }),
});

const SessionSchema = v.looseObject({ token: v.pipe(v.string(), v.minLength(1)) });

/** Sends requests with the right headers and turns refusals into errors. */
export class Connection {
  readonly origin: string;
  readonly #options: NessusClientOptions;
  readonly #auth: Authenticator;
  readonly #target: RequestTarget;

  constructor(options: NessusClientOptions) {
    this.origin = originOf(options.url);
    this.#options = options;
    this.#auth = createAuthenticator(options.auth, (user) => this.#login(user));
    this.#target = {
      origin: this.origin,
      fetch: createFetch({ fetch: options.fetch ?? globalThis.fetch }),
      timeoutMs: options.timeoutMs ?? 30_000,
    };
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
        // some versions without the scan API close the connection in place of an answer
        if (method === 'POST' && error instanceof ScannerUnreachableError && STARTS_SCAN.test(path))
          await this.#requireScanApi(path);
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

  async download(path: string, options: DownloadOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
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
      idleMs: timeoutMs ?? this.#target.timeoutMs,
      toError: (thrown) => errorOfConnection(thrown, this.origin, `GET ${path}`),
    };
    return await download(source, options);
  }

  async #sendOnce(method: Method, path: string, content: CallContent): Promise<Response> {
    const endpoint = `${method} ${path}`;
    const headers = await this.#auth.headers();
    await content.beforeSend?.();
    const response = await sendRequest(this.#target, method, path, content, headers);
    if (response.status !== 401 || !this.#auth.renew(headers))
      return await requireSuccess(response, endpoint, this.origin);
    await response.body?.cancel();
    if (content.body instanceof ReadableStream)
      throw errorOfConnection(
        new Error('the session ended in the middle of an upload'),
        this.origin,
        endpoint,
      );
    const renewed = await this.#auth.headers();
    await content.beforeSend?.();
    const again = await sendRequest(this.#target, method, path, content, renewed);
    if (again.status !== 401) return await requireSuccess(again, endpoint, this.origin);
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

  /** @throws {ScanApiUnavailableError} when the scanner says that its licence has no scan API */
  async #requireScanApi(path: string): Promise<void> {
    const said = v.safeParse(LicenceSchema, await this.#ask('/server/properties', undefined));
    if (said.success)
      throw new ScanApiUnavailableError(`POST ${path}`, said.output.nessus_type?.slice(0, 60));
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
      const response = await sendRequest(this.#target, 'GET', path, { signal }, {});
      return JSON.parse(await readLimited(response.body, 1_048_576));
    } catch {
      if (signal?.aborted) throw signal.reason;
      return undefined;
    }
  }

  async text(response: Response, endpoint: string): Promise<string> {
    try {
      const toError = (thrown: unknown): Error => errorOfConnection(thrown, this.origin, endpoint);
      const { timeoutMs: idleMs } = this.#target;
      // one that trickles would be waited for for hours
      const body = response.body
        ? withIdleTimeout(response.body, { idleMs, maxMs: TRICKLE * idleMs, toError })
        : null;
      return await readLimited(body, this.#options.maxJsonBytes ?? MAX_JSON_BYTES);
    } catch (error) {
      if (error instanceof BodyTooLargeError)
        throw new NessusApiError('scanner_error', `${endpoint}: ${error.message}`, response.status, endpoint);
      throw error;
    }
  }

  /** The session's, if there is one. */
  get token(): string | undefined {
    return this.#auth.token;
  }

  async logout(): Promise<void> {
    const token = this.#auth.token;
    if (token === undefined) return;
    const response = await sendRequest(
      this.#target,
      'DELETE',
      '/session',
      {},
      { 'x-cookie': `token=${token}` },
    );
    await response.body?.cancel();
  }

  async #login(user: UserLogin): Promise<string> {
    const body = { username: user.username, password: user.password };
    const response = await requireSuccess(
      await sendRequest(this.#target, 'POST', '/session', { body }, {}),
      'POST /session',
      this.origin,
    );
    const text = await this.text(response, 'POST /session');
    return checkAnswer(SessionSchema, parseJson(text, 'POST /session'), 'POST /session').token;
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
