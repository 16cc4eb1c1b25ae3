import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { UserAccount } from '../state/accounts.ts';
import { notFound, Refusal } from '../state/refusal.ts';
import type { ScannerState } from '../state/scanner_state.ts';

/** What every route knows. */
export interface Env {
  Bindings: HttpBindings;
  Variables: { user: UserAccount };
}

/** The app that routes are added to. */
export type App = Hono<Env>;

/** Adds the routes of a family. */
export type AddRoutes = (app: App, state: ScannerState) => void;

/** A number in the path. @throws {Refusal} 404 */
export function idOf(c: Context<Env>, name = 'id'): number {
  const text = c.req.param(name) ?? '';
  if (!/^\d+$/.test(text)) throw notFound();
  return Number(text);
}

/** A number of the query, where it is given. */
export function numberOf(c: Context<Env>, name: string): number | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new Refusal(400, `${name}: expected a number`);
  return Number(text);
}

/** What the caller calls its request, where it does. */
export function requestIdOf(c: Context<Env>): string | undefined {
  return c.req.header('x-request-id');
}

/** What Nessus answers where there is nothing to say. */
export function done(): Response {
  return new Response(null, { status: 200 });
}

/** Licences without the scan API answer 412 to whatever changes a scan. */
export function scanApi(state: ScannerState): MiddlewareHandler<Env> {
  return async (_c, next) => {
    if (state.settings.licence !== 'manager') throw new Refusal(412, 'API is not available');
    return await next();
  };
}
