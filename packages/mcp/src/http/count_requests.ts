import { DASHBOARD_PATHS } from '@nmcp/dashboard';
import type { Metrics } from '@nmcp/telemetry';
import type { MiddlewareHandler } from 'hono';
import { METADATA_PATH } from './authenticate.ts';
import type { HttpEnv } from './http_env.ts';

const ROUTES: ReadonlySet<string> = new Set([
  '/mcp',
  '/mcp/',
  '/sse',
  '/messages',
  '/health',
  '/livez',
  '/readyz',
  '/metrics',
  METADATA_PATH,
]);
const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS']);

/** Counts requests by existing routes, not by the requested path, so that there are few label values. */
export function countRequests({ httpRequests, httpDuration }: Metrics): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const begun = performance.now();
    await next();
    const route = ROUTES.has(c.req.path)
      ? c.req.path
      : DASHBOARD_PATHS.test(c.req.path)
        ? 'dashboard'
        : 'other';
    const method = METHODS.has(c.req.method) ? c.req.method : 'other';
    httpRequests.inc({ method, route, status: String(c.res.status) });
    httpDuration.observe({ route }, (performance.now() - begun) / 1000);
  };
}
