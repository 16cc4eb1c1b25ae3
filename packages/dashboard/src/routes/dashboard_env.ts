import type { Caller } from '@nmcp/access';
import type { Services } from '@nmcp/scans';
import type { Context, Hono } from 'hono';

/** Context of the routes. */
export interface DashboardEnv {
  Bindings: {
    /** Address of the client. */
    address: string;
  };
  Variables: {
    caller: Caller;
    /** Whether the caller still may what he might when the request began. */
    isStill: () => Promise<boolean>;
    /** Token in this caller's forms. */
    formToken: string;
  };
}

/** A request of the dashboard. */
export type DashboardContext = Context<DashboardEnv>;

/** Adds routes behind the login. */
export type AddRoutes = (app: Hono<DashboardEnv>, services: Services) => void;
