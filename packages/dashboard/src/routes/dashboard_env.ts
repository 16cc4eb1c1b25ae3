import type { Caller } from '@nmcp/access';
import type { Services } from '@nmcp/scans';
import type { Context, Hono } from 'hono';

/** What the routes know. */
export interface DashboardEnv {
  Bindings: {
    /** Where the request has come from. */
    address: string;
  };
  Variables: {
    caller: Caller;
    /** Stands in the forms of this caller. */
    formToken: string;
  };
}

/** A request of the dashboard. */
export type DashboardContext = Context<DashboardEnv>;

/** Adds routes, which the caller has passed the login for. */
export type AddRoutes = (app: Hono<DashboardEnv>, services: Services) => void;
