import { isLoopback } from '@nmcp/access';
import type { Runner } from '@nmcp/runner';
import { checkScanners, checkStores, exposeMetrics, type Services } from '@nmcp/scans';
import { type StatusAnswer, type StatusServer, serveStatus } from '@nmcp/telemetry';

/** Milliseconds without a claim attempt after which a worker counts as stuck. */
const STUCK_MS = 120_000;

/**
 * Serves /livez, /readyz, /health and /metrics of a worker. The first three need no token, since they say nothing of what is
 * scanned; /metrics needs one as soon as there are tokens, or when others than this machine can ask.
 *
 * @throws {NmcpError} `invalid_config` when the port is taken
 */
export async function serveWorkerStatus(
  services: Services,
  runner: Runner,
  address: { host: string; port: number },
): Promise<StatusServer> {
  const { metrics, tokens } = services;
  const needsToken = tokens !== undefined || !isLoopback(address.host);
  const health = async (more: object = {}): Promise<StatusAnswer> => {
    const report = await checkStores(services);
    return { status: report.status === 'healthy' ? 200 : 503, body: { ...report, ...more } };
  };
  return await serveStatus(
    {
      '/livez': async () => {
        const silentMs = Date.now() - runner.lastTurnAt;
        return silentMs < STUCK_MS
          ? { status: 200, body: { status: 'ok' } }
          : { status: 503, body: { status: 'stuck', silent_seconds: Math.round(silentMs / 1000) } };
      },
      '/readyz': () => health(),
      '/health': async () => health({ active_scans: runner.active, scanners: await checkScanners(services) }),
      '/metrics': async ({ authorization = '' }) => {
        const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
        if (needsToken && typeof (tokens?.verify(token) ?? '') === 'string') return NO_TOKEN;
        const body = await exposeMetrics(services);
        return { status: 200, body, contentType: metrics.registry.contentType };
      },
    },
    address,
  );
}

const NO_TOKEN: StatusAnswer = {
  status: 401,
  body: {
    error: 'Unauthorized',
    message:
      'Send the header Authorization: Bearer TOKEN (create one with nmcp-admin token create --scopes read)',
    status_code: 401,
  },
};
