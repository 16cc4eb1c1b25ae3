import type { Caller } from '@nmcp/access';
import { hasScope } from '@nmcp/access';
import { deriveKey, type Services } from '@nmcp/scans';
import type { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { LoginPage } from '../pages/login_page.tsx';
import type { DashboardContext, DashboardEnv } from './dashboard_env.ts';
import { page } from './respond.ts';

/** Without TLS a browser takes no cookie of the stricter name. */
const COOKIE = 'nmcp_session';
const SECURE_COOKIE = '__Host-nmcp_session';
const SESSION_SECONDS = 28_800;

/** Who may log in. */
export interface LoginOptions {
  /**
   * The holder of a token, or the response that rejects it. Absent: there are no tokens, and everyone is the local user.
   */
  identify?:
    | ((token: string | undefined, from: { address: string; url: string }) => Promise<Caller | Response>)
    | undefined;
  /** Whether the holder of a token still is the caller that he was. @default always */
  isStill?: ((token: string | undefined, caller: Caller) => Promise<boolean>) | undefined;
  /** The local user. */
  local: Caller;
}

/** Login, logout, and the check that all routes added afterwards require. */
export function addLogin(
  app: Hono<DashboardEnv>,
  services: Services,
  { identify, isStill, local }: LoginOptions,
): void {
  app.get('/login', (c) => page(c, <LoginPage to={ownPath(c.req.query('to'))} />));
  app.post('/login', async (c) => {
    const form = await c.req.parseBody();
    const [token, to] = [String(form.token ?? ''), ownPath(String(form.to ?? ''))];
    const caller = identify ? await identify(token, fromOf(c)) : local;
    if (caller instanceof Response)
      return page(
        c,
        <LoginPage to={to} problem={await problemOf(caller)} />,
        caller.status === 429 ? 429 : 401,
      );
    // without tokens nobody needs a session
    const session = identify ? await services.sessions.begin(token) : '';
    const secure = isSecure(c);
    setCookie(c, cookieOf(c), session, { ...ATTRIBUTES, maxAge: SESSION_SECONDS, secure });
    return c.redirect(to, 303);
  });
  app.post('/logout', async (c) => {
    const session = getCookie(c, cookieOf(c));
    if (session) await services.sessions.end(session);
    setCookie(c, cookieOf(c), '', { ...ATTRIBUTES, maxAge: 0, secure: isSecure(c) });
    return c.redirect('/login', 303);
  });
  app.use(async (c, next) => {
    const session = getCookie(c, cookieOf(c));
    const tokenNow = async (): Promise<string | undefined> =>
      session && (await services.sessions.tokenOf(session));
    const caller = identify ? await identify(await tokenNow(), fromOf(c)) : local;
    if (caller instanceof Response) {
      if (c.req.method !== 'GET' || c.req.path === '/events') return caller;
      return c.redirect(`/login?to=${encodeURIComponent(c.req.path)}`, 303);
    }
    if (!hasScope(caller, 'read'))
      return c.json({ error: 'Not allowed', message: 'Your token has no scope', status_code: 403 }, 403);
    c.set('caller', caller);
    await services.account.charge(caller);
    if (isStill) c.env.endUnless(async () => await isStill(await tokenNow(), caller));
    c.set('formToken', (await deriveKey(services, `form of ${caller.name}`)).slice(0, 32));
    return await next();
  });
}

const ATTRIBUTES = { httpOnly: true, sameSite: 'Strict', path: '/' } as const;

function isSecure(c: DashboardContext): boolean {
  return c.env.isSecure;
}

function cookieOf(c: DashboardContext): string {
  return isSecure(c) ? SECURE_COOKIE : COOKIE;
}

function fromOf(c: DashboardContext): { address: string; url: string } {
  return { address: c.env.address, url: c.req.url };
}

/** A path of this server, so that a login never redirects to another site. */
function ownPath(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])[\w\-/.?=&%]*$/.test(text) ? text : '/';
}

async function problemOf(response: Response): Promise<string> {
  const body = (await response.json()) as { message?: string }; // from the authentication check
  return body.message ?? 'The token was rejected';
}
