import { AsyncLocalStorage } from 'node:async_hooks';
import { type Caller, LOCAL_CALLER } from '@nmcp/access';

/** What is known of the request that a tool call came in. */
export interface RequestContext {
  headers: Headers;
  caller: Caller;
}

/**
 * The request that a tool call came in, whatever the transport: the old HTTP+SSE transport does not hand its headers on to
 * handlers.
 */
export const requestContext: AsyncLocalStorage<RequestContext> = new AsyncLocalStorage();

/** That request; over standard input there is none, and the caller is the one person who started the server. */
export function currentRequest(): RequestContext {
  return requestContext.getStore() ?? { headers: new Headers(), caller: LOCAL_CALLER };
}
