/** What the scanner, or the disk, does wrong while something is killed. Each passes: every scan has results in the end. */
export const FAULTS = {
  none: [],
  'status 500': [{ status: 500, times: 3 }],
  'status 503': [{ status: 503, times: 3 }],
  'status 429': [{ status: 429, times: 3, headers: { 'retry-after': '1' } }],
  reset: [{ reset: true, times: 3 }],
  'reset after the work': [{ method: 'POST', reset: 'afterwards', times: 2 }],
  'slow body': [{ bytesPerSecond: 4000, path: '.*', times: 4 }],
  'half body': [
    { halfBody: true, times: 2 },
    { halfBody: true, path: 'download', times: 1 },
  ],
  'expired session': [{ expireSessions: true, times: 3 }],
  loading: [],
  'full disk': [],
};

/** Paths at which a fault can strike. */
const PATHS = ['^/scans$', '^/scans/\\d+$', 'launch', 'export', '^/tokens', 'download', 'templates'];

/** Bodies for the simulator's /_simulator/faults. */
export function faultsOf(name, oneOf) {
  return FAULTS[name].map((fault) => ({ path: oneOf(PATHS), ...fault }));
}
