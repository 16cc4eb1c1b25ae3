import type { Services } from '@nmcp/scans';
import { isNmcpError } from '@nmcp/types';
import { Hono } from 'hono';
import { SCRIPT } from './live_script.ts';
import { ProblemPage } from './pages/problem_page.tsx';
import type { DashboardEnv } from './routes/dashboard_env.ts';
import { addDeadLetters } from './routes/dead_letter_routes.tsx';
import { addExports } from './routes/export_routes.ts';
import { addLogin, type LoginOptions } from './routes/login_routes.tsx';
import { addNetwork } from './routes/network_routes.tsx';
import { addOverview } from './routes/overview_routes.tsx';
import { page, pageStatus } from './routes/respond.ts';
import { addRisks } from './routes/risk_routes.tsx';
import { addScans } from './routes/scan_routes.tsx';
import { addSubmissions } from './routes/submission_routes.tsx';
import { STYLE } from './style.ts';

/** No other origins, nothing inline, no framing. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Paths that the dashboard serves; all others are the API's. */
export const DASHBOARD_PATHS: RegExp =
  /^\/(?:$|scans|scanners|network|dead-letters|login|logout|events|assets\/)/;

/** Options of {@linkcode createDashboard}. */
export type DashboardOptions = LoginOptions;

/**
 * The web dashboard, with the authentication of the API by a cookie that only this server's pages send. What a person may
 * see and do there is decided by the operations of `@nmcp/scans`, as for every other caller.
 */
export function createDashboard(services: Services, options: DashboardOptions): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  app.use(async (c, next) => {
    await next();
    c.header('content-security-policy', POLICY);
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'same-origin');
    c.header('cache-control', c.req.path.startsWith('/assets/') ? 'max-age=3600' : 'no-store');
  });
  app.get('/assets/dashboard.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/assets/dashboard.js', (c) =>
    c.body(SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  app.onError((error, c) => {
    if (!isNmcpError(error)) throw error;
    const caller = c.get('caller') ?? options.local;
    const content = <ProblemPage title={error.title} text={error.message} caller={caller} />;
    return page(c, content, pageStatus(error));
  });
  addLogin(app, services, options);
  addOverview(app, services);
  addNetwork(app, services);
  addRisks(app, services);
  addSubmissions(app, services);
  addScans(app, services);
  addExports(app, services);
  addDeadLetters(app, services);
  return app;
}
