import { Hono, type MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import type { Faults } from './faults.ts';
import type { RequestRecord, ScanByHand } from './inspected.ts';
import { parseBody } from './parse_body.ts';
import { UnknownQuirkError } from './quirks/parse_quirks.ts';
import type { Quirks } from './quirks/quirks.ts';
import type { Env } from './routes/app.ts';
import { Refusal } from './state/refusal.ts';
import type { ScannerState } from './state/scanner_state.ts';

/** Calls that are remembered. */
const MAX_RECORDS = 100_000;

/** What was asked of the scanner, oldest first. */
export class RequestLog {
  #records: RequestRecord[] = [];

  add(record: RequestRecord): void {
    this.#records.push(record);
    if (this.#records.length > MAX_RECORDS) this.#records = this.#records.slice(MAX_RECORDS / 2);
  }

  list(): readonly RequestRecord[] {
    return this.#records;
  }

  clear(): void {
    this.#records = [];
  }
}

/** Where tests look and turn; no path of the real API begins so. */
export const INSPECTION_PATH = '/_simulator';

/** Writes down every call but those of the inspection. */
export function recordRequests(log: RequestLog): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.path.startsWith(INSPECTION_PATH)) return await next();
    const at = Date.now();
    await next();
    log.add({ at, method: c.req.method, path: c.req.path, query: c.req.query(), status: statusOf(c.res) });
  };
}

/** A connection that was cut has the answer that says so in a header. */
function statusOf(response: Response): number {
  return response.headers.has('x-hono-already-sent') ? 0 : response.status;
}

const FaultBody = v.object({
  method: v.optional(v.string()),
  path: v.pipe(
    v.string(),
    v.check((text) => isPattern(text), 'path must be a regular expression'),
  ),
  times: v.optional(v.number()),
  skip: v.optional(v.number()),
  status: v.optional(v.pipe(v.number(), v.minValue(200), v.maxValue(599))),
  headers: v.optional(v.record(v.string(), v.string())),
  body: v.optional(v.string()),
  delayMs: v.optional(v.number()),
  reset: v.optional(v.union([v.boolean(), v.literal('afterwards')])),
  halfBody: v.optional(v.boolean()),
  bytesPerSecond: v.optional(v.number()),
  expireSessions: v.optional(v.boolean()),
});

/** What can be looked at and turned. */
export interface InspectionOptions {
  state: ScannerState;
  faults: Faults;
  quirks: Quirks;
  log: RequestLog;
}

const QuirksBody = v.object({ quirks: v.array(v.string()) });

/** Endpoints for tests that run in another process: what was asked, and which faults and quirks come next. */
export function inspectionRoutes({ state, log, faults, quirks }: InspectionOptions): Hono<Env> {
  const app = new Hono<Env>();
  app.get('/requests', (c) => c.json({ counts: state.counts, requests: log.list() }));
  app.get('/scans', (c) => c.json({ counts: state.counts, scans: state.scans.overview() }));
  app.get('/effects', (c) => c.json({ effects: state.effects }));
  app.post('/scans', async (c) => c.json({ id: startByHand(state, await parseBody(c.req.raw, HandBody)) }));
  app.delete('/requests', (c) => {
    log.clear();
    return c.json({});
  });
  app.post('/faults', async (c) => {
    const { path, ...fault } = await parseBody(c.req.raw, FaultBody);
    faults.add(
      Object.assign({ path: new RegExp(path) }, JSON.parse(JSON.stringify(fault))), // leaves out what was not given
    );
    return c.json({});
  });
  app.get('/quirks', (c) => c.json({ quirks: quirks.overview() }));
  app.put('/quirks', async (c) => {
    const { quirks: entries } = await parseBody(c.req.raw, QuirksBody);
    try {
      quirks.set(entries);
    } catch (error) {
      if (error instanceof UnknownQuirkError) throw new Refusal(400, error.message);
      throw error;
    }
    return c.json({ quirks: quirks.overview() });
  });
  app.delete('/faults', (c) => {
    faults.clear();
    return c.json({});
  });
  app.post('/expire-sessions', (c) => {
    state.accounts.expireSessions();
    return c.json({});
  });
  app.post('/loading', async (c) => {
    const { loading } = await parseBody(c.req.raw, v.object({ loading: v.boolean() }));
    state.setLoading(loading);
    return c.json({});
  });
  return app;
}

const HandBody: v.GenericSchema<unknown, ScanByHand> = v.object({
  name: v.string(),
  targets: v.string(),
  description: v.optional(v.string()),
  launch: v.optional(v.boolean()),
});

/** Makes a scan as a person does. @returns its id */
export function startByHand(state: ScannerState, scan: ScanByHand): number {
  const { name, targets, description = '', launch = true } = scan;
  const content = { name, description, targetText: targets, folderId: 3, templateUuid: '', logins: {} };
  const { id } = state.scans.create(content);
  if (launch) state.scans.launch(id);
  return id;
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}
