import { hostHeaderValidation, originValidation } from '@modelcontextprotocol/hono';
import { createMcpHandler, isLegacyRequest, type McpServer } from '@modelcontextprotocol/server';
import { LOCAL_CALLER } from '@nmcp/access';
import { createDashboard, DASHBOARD_PATHS, type DashboardBindings } from '@nmcp/dashboard';
import { checkScanners, checkStores, describeHealth, readMetrics, type Services } from '@nmcp/scans';
import { isNmcpError, type NmcpError } from '@nmcp/types';
import { Hono } from 'hono';
import { createMcpServer, SERVER_VERSION } from '../create_mcp_server.ts';
import { currentRequest } from '../request_context.ts';
import { authenticate, createGate, METADATA_PATH } from './authenticate.ts';
import { limitCallers } from './caller_limits.ts';
import { createClientOrigin } from './client_origin.ts';
import { countRequests } from './count_requests.ts';
import type { HttpEnv } from './http_env.ts';
import { LegacySessions } from './legacy_sessions.ts';
import { limitBody } from './limit_body.ts';
import { LiveRequests } from './live_requests.ts';
import { readRequest } from './read_request.ts';
import { serveModern } from './serve_modern.ts';
import { SseSessions } from './sse_sessions.ts';
import { UpdateRelay } from './update_relay.ts';

/** Options of {@linkcode createHttpApp}. */
export interface HttpAppOptions {
  /** Names allowed in a Host or Origin header, besides those of the loopback interface. */
  allowedHosts?: readonly string[];
  /** Addresses and networks of proxies whose X-Forwarded headers are believed. @default none */
  trustedProxies?: readonly string[];
  /** Builds the MCP server. @default that of all tools */
  build?: () => McpServer;
}

/** The HTTP side of the server. */
export interface HttpApp {
  readonly app: Hono<HttpEnv>;
  /** Ends all sessions. */
  close(): Promise<void>;
}

/** Maximum bytes of a request; far more than a target list of 64 kB with credentials. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Messages of a batch. */
const MAX_MESSAGES = 100;
const PROBES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/health', '/metrics']);
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The MCP server over HTTP: Streamable HTTP at /mcp for both eras of the protocol, the old HTTP+SSE at /sse and
 * /messages, /health and /metrics.
 */
export function createHttpApp(services: Services, options: HttpAppOptions = {}): HttpApp {
  const build = options.build ?? (() => createMcpServer(services));
  const originOf = createClientOrigin(options.trustedProxies ?? []);
  const hosts = [...LOOPBACK, ...(options.allowedHosts ?? [])];
  const modern = createMcpHandler(build, {
    legacy: 'reject',
    onerror: (error) => services.log.debug({ err: error }, 'mcp'),
  });
  const relay = new UpdateRelay((uri) => modern.notify.resourceUpdated(uri));
  const server = crypto.randomUUID();
  const context = { store: services.queue.sessions, services, build, server };
  const sessions = new LegacySessions(context);
  const sse = new SseSessions(context);

  const app = new Hono<HttpEnv>();
  app.onError((error, c) => {
    if (isNmcpError(error)) return errorResponse(error);
    services.log.error({ err: error, path: c.req.path }, 'request failed');
    return c.json(
      { error: 'Internal error', message: 'The server log has its details', status_code: 500 },
      500,
    );
  });
  app.use(countRequests(services.metrics));
  app.use(originValidation(hosts));
  const validateHost = hostHeaderValidation(hosts);
  // probes and scrapers use whatever name leads here, and what they read is of no use to a page that rebinds a name
  app.use(async (c, next) => (PROBES.has(c.req.path) ? await next() : await validateHost(c, next)));
  app.use(limitBody(MAX_BODY_BYTES));
  app.get('/livez', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    const report = await checkStores(services);
    return c.json(report, report.status === 'healthy' ? 200 : 503);
  });
  app.get('/health', async (c) => {
    const report = await describeHealth(services);
    const scanners = await checkScanners(services);
    const body = { ...report, version: SERVER_VERSION, scanners };
    return c.json(body, report.status === 'healthy' ? 200 : 503);
  });
  const { oauth } = services;
  if (oauth)
    for (const path of [METADATA_PATH, `${METADATA_PATH}/mcp`])
      app.get(path, (c) => c.json(oauth.metadata(new URL('/mcp', c.req.url).href)));
  const gate = createGate(services);
  const live = new LiveRequests();
  const dashboard = createDashboard(services, {
    local: LOCAL_CALLER,
    identify:
      gate &&
      ((token, { address, url }) => gate.identify(token ? `Bearer ${token}` : null, { address, url })),
    isStill: gate && ((token, caller) => gate.isStill(token ? `Bearer ${token}` : null, caller)),
  });
  app.use(async (c, next) => {
    if (!DASHBOARD_PATHS.test(c.req.path)) return await next();
    const { incoming, outgoing } = c.env;
    return await dashboard.fetch(c.req.raw, {
      ...originOf(incoming),
      endUnless: (isStill) => live.watch(outgoing, isStill),
    } satisfies DashboardBindings);
  });
  app.use(authenticate(gate, live, originOf));
  app.use(limitCallers(services.account));

  for (const path of ['/mcp', '/mcp/'])
    app.all(path, async (c) => {
      const { request, body } = await readRequest(c.req.raw);
      const more = messagesOf(body) - 1;
      if (more >= MAX_MESSAGES) return tooManyMessages();
      if (more > 0) await services.account.charge(currentRequest().caller, more);
      return (await isLegacyRequest(request, body))
        ? await sessions.fetch(request, body)
        : await serveModern({ request, body, outgoing: c.env.outgoing }, modern, relay, services);
    });
  app.get('/sse', (c) => sse.open(c.env));
  app.post('/messages', async (c) => sse.post(c.req.query('sessionId'), await c.req.text()));
  app.get('/metrics', async (c) => {
    const text = await readMetrics(services, currentRequest().caller, { withInventory: true });
    return c.text(text, 200, { 'content-type': services.metrics.registry.contentType });
  });
  return {
    app,
    async close() {
      await Promise.all([sessions.close(), sse.close(), modern.close()]);
    },
  };
}

function errorResponse(error: NmcpError): Response {
  const { retry_after_seconds: seconds } = error.details;
  const headers: Record<string, string> = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  return Response.json(error.toBody(), { status: error.status, headers });
}

function messagesOf(body: unknown): number {
  return Array.isArray(body) ? body.length : 1;
}

function tooManyMessages(): Response {
  const error = { code: -32_600, message: `A batch may have at most ${MAX_MESSAGES} messages` };
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status: 400 });
}
