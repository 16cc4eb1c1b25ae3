import { createNessusClient, type NessusClient } from '@nmcp/nessus-client';
import { createTrustingFetch } from '@nmcp/nessus-client/node';
import { isoTime } from '@nmcp/types';
import * as v from 'valibot';
import type { ScannerConfig } from '../scanner_config.ts';
import { Anonymizer } from './anonymizer.ts';
import { digestOf, type RecordedCall, type ScannerReport } from './scanner_report.ts';

/** What is asked of every scanner; nothing of it changes anything. */
const CALLS = [
  '/server/status',
  '/server/properties',
  '/session',
  '/folders',
  '/editor/scan/templates',
  '/editor/policy/templates',
  '/policies',
  '/scanners',
  '/scans',
];
/** Bytes of an answer that are kept, and of an export. */
const MAX_BODY = 4_194_304;
const EXPORT_HEAD = 16_384;
const HEADERS = ['content-type', 'retry-after', 'server'];
const EXPORT_LOOKS = 30;
const EXPORT_WAIT_MS = 1000;

/** Options of {@linkcode recordScanner}. */
export interface RecordOptions {
  signal?: AbortSignal | undefined;
  /** Told of each call before it is made. */
  onCall?: ((call: string) => void) | undefined;
}

/** An answer as it came. */
interface Answer {
  status: number;
  headers: Record<string, string>;
  ms: number;
  text: string;
  bytes: number;
}

/**
 * Records what a scanner answers: a dozen calls that read, and the head of one export, which is asked for. Hosts, names and
 * whatever could be a secret are replaced, so that the report can be sent to others. A call that fails is recorded as it
 * failed.
 *
 * @param config an entry of scanners.yaml
 * @throws {NmcpError} `invalid_config` for its CA file
 */
export async function recordScanner(
  config: Pick<ScannerConfig, 'url' | 'auth' | 'tls'>,
  options: RecordOptions = {},
): Promise<ScannerReport> {
  const { ca_file, ...trust } = config.tls;
  const { fetch, close } = createTrustingFetch({ caFile: ca_file, ...trust });
  const recorder = new Recorder(fetch, options);
  const { url, auth } = config;
  const client = createNessusClient({ url, auth, fetch: recorder.fetch, retry: { tries: 1 } });
  try {
    for (const path of CALLS) await recorder.ask(client, 'GET', path);
    await recordExport(recorder, client);
    return recorder.report();
  } finally {
    await client.close().catch(() => {}); // a session that cannot be ended idles out
    await close();
  }
}

const ScansSchema = v.looseObject({
  scans: v.array(v.looseObject({ id: v.union([v.number(), v.string()]), status: v.string() })),
});
const TicketSchema = v.looseObject({
  file: v.optional(v.union([v.number(), v.string()])),
  token: v.optional(v.string()),
});
const StatusSchema = v.looseObject({ status: v.string() });

/** Of a scan that has ended: its details, its settings, and the head of its export. */
async function recordExport(recorder: Recorder, client: NessusClient): Promise<void> {
  const list = v.safeParse(ScansSchema, recorder.answerOf('/scans'));
  const scan =
    list.success && list.output.scans.find(({ status }) => /^(?:completed|imported)$/.test(status));
  if (!scan) return;
  recorder.keepScan(scan.id);
  const base = `/scans/${scan.id}`;
  for (const path of [base, `/editor/scan/${scan.id}`, `${base}/export/formats`])
    await recorder.ask(client, 'GET', path);
  const ticket = v.safeParse(
    TicketSchema,
    await recorder.ask(client, 'POST', `${base}/export`, { format: 'nessus' }),
  );
  if (!ticket.success) return;
  const { file, token } = ticket.output;
  for (const path of [
    ...(file === undefined ? [] : [`${base}/export/${file}`]),
    ...(token === undefined ? [] : [`/tokens/${token}`]),
  ]) {
    for (let look = 0; look < EXPORT_LOOKS; look++) {
      const said = v.safeParse(StatusSchema, await recorder.ask(client, 'GET', `${path}/status`));
      if (!said.success || said.output.status !== 'loading') break;
      await new Promise((resolve) => setTimeout(resolve, EXPORT_WAIT_MS));
    }
    await recorder.askForHead(client, `${path}/download`);
  }
}

/** Makes calls through a client, and keeps their answers as they came. */
class Recorder {
  readonly fetch: typeof globalThis.fetch;
  readonly #options: RecordOptions;
  readonly #calls: { method: 'GET' | 'POST'; path: string; answer: Answer; json: unknown }[] = [];
  #last: Answer | undefined;
  #keptScan: number | string | undefined;

  constructor(fetch: typeof globalThis.fetch, options: RecordOptions) {
    this.#options = options;
    this.fetch = async (input, init) => {
      const begun = performance.now();
      const response = await fetch(input, init);
      const headers = Object.fromEntries(
        HEADERS.flatMap((name) => {
          const value = response.headers.get(name);
          return value === null ? [] : [[name, value]];
        }),
      );
      const isFile = String(input).includes('/download');
      const text = isFile ? '' : (await response.text()).slice(0, MAX_BODY);
      this.#last = {
        status: response.status,
        headers,
        text,
        bytes: text.length,
        ms: performance.now() - begun,
      };
      if (isFile) return response;
      const { status } = response;
      return new Response(status === 204 || status === 304 ? null : text, { status, headers });
    };
  }

  /** The scan that is looked at stays in the list, however long that is. */
  keepScan(id: number | string): void {
    this.#keptScan = id;
  }

  /** @returns the answer's JSON; `undefined` when it is none, or the call has failed */
  async ask(
    client: NessusClient,
    method: 'GET' | 'POST',
    path: string,
    body?: Record<string, unknown>,
  ): Promise<unknown> {
    this.#options.onCall?.(`${method} ${path}`);
    this.#last = undefined;
    const { signal } = this.#options;
    await client.call(v.unknown(), method, path, { signal, ...(body ? { body } : {}) }).catch(() => {
      signal?.throwIfAborted(); // what went wrong is recorded
    });
    return this.#keep(method, path);
  }

  async askForHead(client: NessusClient, path: string): Promise<void> {
    this.#options.onCall?.(`GET ${path}`);
    this.#last = undefined;
    let head = '';
    try {
      const reader = (await client.download(path, { signal: this.#options.signal })).getReader();
      const decoder = new TextDecoder();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        head += decoder.decode(part.value, { stream: true });
        if (head.length > EXPORT_HEAD) break;
      }
      await reader.cancel();
    } catch {
      this.#options.signal?.throwIfAborted();
    }
    const last = this.#last as Answer | undefined; // set by the fetch above
    if (last) this.#last = { ...last, text: head.slice(0, EXPORT_HEAD), bytes: head.length };
    this.#keep('GET', path);
  }

  /** What was answered last to a call. */
  answerOf(path: string): unknown {
    return this.#calls.findLast((call) => call.path === path)?.json;
  }

  report(): ScannerReport {
    const anonymizer = new Anonymizer(this.#keptScan);
    const calls = this.#calls.map(({ method, path, answer, json }): RecordedCall => {
      const { status, headers, ms, bytes, text } = answer;
      const body = json === undefined ? anonymizer.xml(text) : anonymizer.json(json);
      return { method, path: anonymizer.path(path), status, headers, ms: Math.round(ms), bytes, body };
    });
    const properties = v.safeParse(
      v.looseObject({ nessus_type: v.optional(v.string()), server_version: v.optional(v.string()) }),
      this.answerOf('/server/properties'),
    );
    const { nessus_type = 'unknown', server_version = '' } = properties.success ? properties.output : {};
    return {
      format: 'nmcp-scanner-report',
      version: 1,
      product: `${nessus_type} ${server_version}`.trim(),
      origin: 'recorded',
      recorded_at: isoTime(Date.now()),
      calls,
      digest: digestOf(calls),
    };
  }

  #keep(method: 'GET' | 'POST', path: string): unknown {
    const answer = this.#last ?? { status: 0, headers: {}, ms: 0, text: '', bytes: 0 };
    const json = jsonOf(answer.text);
    this.#calls.push({ method, path, answer, json });
    return json;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
