import type { ScannerState } from '../state/scanner_state.ts';
import { isCreate, scanOf } from './calls.ts';
import { isObject } from './edit_fields.ts';
import type { Quirk, QuirkActions, QuirkAnswer, QuirkCall } from './quirk.ts';

const SECONDS = { is: 'seconds from the first call on', byDefault: 5 };

/** Habits of a scanner that starts, and of licences. */
export const SERVER_QUIRKS: readonly Quirk[] = [
  {
    name: 'loading-503',
    description: 'While the scanner loads, /server/status answers 503 with a body.',
    source: "public health checks of Nessus's container",
    value: SECONDS,
    start: (state, seconds) =>
      loading(state, seconds, { status: 503, json: { code: 503, status: 'loading', progress: 40 } }),
  },
  {
    name: 'ready-too-early',
    description: '/server/status says ready while its detailed_status still loads, and calls answer 503.',
    source: "public health checks of Nessus's container",
    value: SECONDS,
    start: (state, seconds) =>
      loading(state, seconds, {
        status: 200,
        json: {
          code: 200,
          status: 'ready',
          progress: null,
          detailed_status: {
            login_status: 'allow',
            feed_status: { status: 'ready', progress: null },
            engine_status: { status: 'loading', progress: 30 },
          },
        },
      }),
  },
  {
    name: 'no-scan-api-412',
    description: 'The licence has no scan API: calls that change a scan answer 412.',
    source: 'pyTenable#840',
    start: () =>
      professional((call) =>
        changesScan(call) ? { status: 412, json: { error: 'API is not available' } } : undefined,
      ),
  },
  {
    name: 'no-scan-api-closed',
    description: 'The licence has no scan API: the connection is closed on POST /scans.',
    source: 'pyTenable#840',
    start: () => professional((call) => (isCreate(call) ? 'closed' : undefined)),
  },
  {
    name: 'no-san',
    description: "The scanner's own certificate has no subjectAltName (from the start only).",
    source: 'plausible',
    start: () => ({}),
  },
  {
    name: 'rate-limit',
    description: 'The first call of each kind is answered by 429 with retry-after: 1.',
    source: "Tenable's page on rate limits",
    value: { is: 'calls of a kind', byDefault: 1 },
    start: (_state, times) => {
      const refused = new Map<string, number>();
      return {
        before({ method, path }) {
          const kind = `${method} ${path.replaceAll(/\/(?:\d+|[0-9a-f-]{32,})(?=\/|$)/g, '/x')}`;
          const count = refused.get(kind) ?? 0;
          if (count >= times) return undefined;
          refused.set(kind, count + 1);
          return { status: 429, headers: { 'retry-after': '1' }, json: { error: 'Rate limit exceeded' } };
        },
      };
    },
  },
];

function loading(state: ScannerState, seconds: number, status: QuirkAnswer): QuirkActions {
  let until: number | undefined;
  return {
    before({ path }) {
      until ??= state.now() + seconds * 1000;
      if (state.now() >= until || path === '/server/properties') return undefined;
      return path === '/server/status' ? status : { status: 503, json: { error: 'Nessus is loading' } };
    },
  };
}

/** A scanner whose licence has no scan API, and says so in its properties. */
function professional(before: (call: QuirkCall) => QuirkAnswer | undefined): QuirkActions {
  return {
    before,
    edit(json, { path }) {
      if (path !== '/server/properties' || !isObject(json)) return json;
      const features = { scan_api: false, report: true };
      return {
        ...json,
        nessus_type: 'Nessus Professional',
        license: { type: 'professional', name: 'Nessus Professional', ips: 131_072, features },
      };
    },
  };
}

/** Reading scans, exporting and importing them works with every licence. */
function changesScan(call: QuirkCall): boolean {
  if (call.method === 'GET') return false;
  const scan = scanOf(call);
  return isCreate(call) || (scan !== undefined && !['export', 'status'].includes(scan.rest));
}
