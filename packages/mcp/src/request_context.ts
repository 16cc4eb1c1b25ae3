import { AsyncLocalStorage } from 'node:async_hooks';
import { type Caller, LOCAL_CALLER, type Sink } from '@nmcp/access';

/** Where subscriptions of a session are kept. */
export interface Subscriptions {
  subscribe(uri: string): Promise<void>;
  unsubscribe(uri: string): Promise<void>;
  close(): void;
}

/** Context of the request of a tool call. */
export interface RequestContext {
  headers: Headers;
  caller: Caller;
  /** Where its answer goes. */
  sink?: Sink | undefined;
  /** Where the session that begins keeps its subscriptions. */
  subscriptions?: Subscriptions | undefined;
}

/**
 * The request of a tool call, whatever the transport: the old HTTP+SSE transport does not pass its headers on to
 * handlers.
 */
export const requestContext: AsyncLocalStorage<RequestContext> = new AsyncLocalStorage();

/** That request; over standard input there is none, and the caller is the user who started the server. */
export function currentRequest(): RequestContext {
  return requestContext.getStore() ?? { headers: new Headers(), caller: LOCAL_CALLER };
}
