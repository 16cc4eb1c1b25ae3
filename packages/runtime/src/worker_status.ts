import { type Caller, isLoopback, LOCAL_CALLER } from '@nmcp/access';
import type { Runner } from '@nmcp/runner';
import { checkScanners, checkStores, describeHealth, mayCall, readMetrics, type Services } from '@nmcp/scans';
import { type HealthReport, type StatusAnswer, type StatusServer, serveStatus } from '@nmcp/telemetry';

/** Milliseconds without a claim attempt after which a worker counts as stuck. */
const STUCK_MS = 120_000;

/**
 * Serves /livez, /readyz, /health and /metrics of a worker. The first three need no token, since they say nothing of what is
 * scanned; /metrics needs one of the scope read as soon as there are tokens or OAuth, or when others than this machine can
 * ask, and shows the pools of that token.
 *
 * @throws {NmcpError} `invalid_config` when the port is taken
 */
export async function serveWorkerStatus(
  services: Services,
  runner: Runner,
  address: { host: string; port: number },
): Promise<StatusServer> {
  const { metrics } = services;
  const answer = (report: HealthReport, more: object = {}): StatusAnswer => ({
    status: report.status === 'healthy' ? 200 : 503,
    body: { ...report, ...more },
  });
  return await serveStatus(
    {
      '/livez': async () => {
        const silentMs = Date.now() - runner.lastTurnAt;
        return silentMs < STUCK_MS
          ? { status: 200, body: { status: 'ok' } }
          : { status: 503, body: { status: 'stuck', silent_seconds: Math.round(silentMs / 1000) } };
      },
      '/readyz': async () => answer(await checkStores(services)),
      '/health': async () =>
        answer(await describeHealth(services), {
          active_scans: runner.active,
          scanners: await checkScanners(services),
        }),
      '/metrics': async ({ authorization = '' }) => {
        const caller = await callerOf(services, authorization, address.host);
        if (!caller)
          return refusal(401, 'Unauthorized', `Send the header Authorization: Bearer TOKEN (${CREATE})`);
        if (!mayCall(services, caller, readMetrics))
          return refusal(403, 'Not allowed', `metrics needs a token with the scope read (${CREATE})`);
        const body = await readMetrics(services, caller, {});
        return { status: 200, body, contentType: metrics.registry.contentType };
      },
    },
    address,
  );
}

/** Who scrapes: the holder of a token, or the local user where there are neither tokens nor others who could ask. */
async function callerOf(
  { tokens, oauth }: Services,
  authorization: string,
  host: string,
): Promise<Caller | undefined> {
  if (!tokens && !oauth && isLoopback(host)) return LOCAL_CALLER;
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  const caller = await tokens?.verify(token);
  return typeof caller === 'object' ? caller : undefined;
}

const CREATE = 'create one with nmcp-admin token create prometheus --scopes read';

function refusal(status: 401 | 403, error: string, message: string): StatusAnswer {
  return { status, body: { error, message, status_code: status } };
}
