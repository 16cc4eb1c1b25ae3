import { Hono, type MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import { injectFaults } from '../faults.ts';
import { INSPECTION_PATH, type InspectionOptions, inspectionRoutes, recordRequests } from '../inspection.ts';
import { anyText } from '../lax.ts';
import { parseBody } from '../parse_body.ts';
import { withQuirks } from '../quirks/with_quirks.ts';
import { Refusal } from '../state/refusal.ts';
import type { ScannerState } from '../state/scanner_state.ts';
import type { Env } from './app.ts';
import { addEditorRoutes } from './editor.ts';
import { addFileRoutes } from './files.ts';
import { addManagementRoutes } from './management.ts';
import { addPolicyRoutes } from './policies.ts';
import { addPolicyEditorRoutes } from './policy_editor.ts';
import { addScanRoutes } from './scans.ts';
import { addServerRoutes } from './server.ts';
import { addSessionRoutes } from './session.ts';
import { addUserRoutes } from './users.ts';

const LoginBody = v.looseObject({ username: v.optional(anyText, ''), password: v.optional(anyText, '') });

/** The REST API of the simulated scanner. */
export function createRoutes({ state, faults, log, quirks }: InspectionOptions): Hono<Env> {
  const app = new Hono<Env>({ strict: false }); // nessrest asks for /scans/?folder_id
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json({ error: error.message }, error.status);
    return c.json({ error: 'Internal error' }, 500);
  });
  app.notFound((c) => c.json({ error: 'The requested file was not found.' }, 404));
  app.use(recordRequests(log));
  app.route(INSPECTION_PATH, inspectionRoutes({ state, log, faults, quirks }));
  app.use(injectFaults(faults, state));
  app.use(withQuirks(quirks));
  addServerRoutes(app, state);
  app.use(whileReady(state));
  app.post('/session', async (c) => {
    const { username, password } = await parseBody(c.req.raw, LoginBody);
    return c.json({ token: state.accounts.login(username, password) });
  });
  app.use(authenticate(state));
  for (const add of [
    addSessionRoutes,
    addEditorRoutes,
    addPolicyEditorRoutes,
    addScanRoutes,
    addFileRoutes,
    addPolicyRoutes,
    addManagementRoutes,
    addUserRoutes,
  ])
    add(app, state);
  return app;
}

/** A scanner that still compiles its plugins answers 503 to all but /server. */
function whileReady(state: ScannerState): MiddlewareHandler<Env> {
  return async (_c, next) => {
    if (state.isLoading) throw new Refusal(503, 'Nessus is loading');
    return await next();
  };
}

function authenticate(state: ScannerState): MiddlewareHandler<Env> {
  return async (c, next) => {
    const keys = /^accessKey=([^;]*);\s*secretKey=([^;]*);?$/.exec(c.req.header('x-apikeys') ?? '');
    const token = /^token=(\w+)/.exec(c.req.header('x-cookie') ?? '')?.[1];
    const user =
      (keys && state.accounts.userOfKeys(keys[1] ?? '', keys[2] ?? '')) ??
      (token === undefined ? undefined : state.accounts.userOfSession(token));
    if (!user) throw new Refusal(401, 'Invalid Credentials');
    c.set('user', user);
    return await next();
  };
}
