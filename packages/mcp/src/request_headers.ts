import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The HTTP headers of the request that a tool call came in, whatever the transport: the old HTTP+SSE transport does not
 * hand them on to handlers.
 */
export const requestHeaders: AsyncLocalStorage<Headers> = new AsyncLocalStorage();
