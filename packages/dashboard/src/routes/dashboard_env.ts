import type { Caller } from '@nmcp/access';
import type { Services } from '@nmcp/scans';
import type { Context, Hono } from 'hono';

/** What a server gives with each request. */
export interface DashboardBindings {
  /** Address of the client. */
  address: string;
  /** Whether the client's connection has TLS, here or at a proxy that is trusted. */
  isSecure: boolean;
  /** Ends the response when its caller may no longer what he might when it began; asked again and again. */
  endUnless: (isStill: () => Promise<boolean>) => void;
}

/** Context of the routes. */
export interface DashboardEnv {
  Bindings: DashboardBindings;
  Variables: {
    caller: Caller;
    /** Token in this caller's forms. */
    formToken: string;
  };
}

/** A request of the dashboard. */
export type DashboardContext = Context<DashboardEnv>;

/** Adds routes behind the login. */
export type AddRoutes = (app: Hono<DashboardEnv>, services: Services) => void;
