import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Account, Caller } from '@nmcp/access';
import { isNmcpError } from '@nmcp/types';
import type { MiddlewareHandler } from 'hono';
import { currentRequest } from '../request_context.ts';
import type { HttpEnv } from './http_env.ts';

/** Milliseconds that a caller waits who is told to wait, so that asking again at once gains nothing. */
const DELAY_MS = 250;
/** Bytes of a request that count as one call more. */
const BYTES_A_CALL = 4096;
/** Bytes of a refused request beyond which its connection is closed. */
const UNREAD_BYTES = 65_536;
/** Refusals of one caller that wait; beyond them his connections end. */
const MAX_DELAYED = 32;

/** Counts each request of a caller, and its streams, in his account; refuses what is beyond his limits. */
export function limitCallers(account: Account): MiddlewareHandler<HttpEnv> {
  const delayed = new Map<string, number>();

  async function refuse({ name }: Caller): Promise<'delayed' | 'dropped'> {
    const others = delayed.get(name) ?? 0;
    if (others >= MAX_DELAYED) return 'dropped';
    delayed.set(name, others + 1);
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
    const left = (delayed.get(name) ?? 1) - 1;
    if (left > 0) delayed.set(name, left);
    else delayed.delete(name);
    return 'delayed';
  }

  return async (c, next) => {
    const { caller } = currentRequest();
    const length = Number(c.req.header('content-length') ?? 0);
    try {
      await account.charge(caller, 1 + Math.floor(length / BYTES_A_CALL));
      // a stream is over when the client has gone
      if (c.req.method === 'GET' && c.req.path !== '/metrics')
        c.env.outgoing.once('close', account.open(caller, 'streams'));
    } catch (error) {
      if (!isNmcpError(error, 'too_many_requests')) throw error;
      // the rest of a large request would have to be read before the next one
      if (length > UNREAD_BYTES) (c.env.outgoing as ServerResponse).shouldKeepAlive = false; // HTTP/1 here
      if ((await refuse(caller)) === 'delayed') throw error;
      c.env.outgoing.destroy();
      return RESPONSE_ALREADY_SENT;
    }
    return await next();
  };
}
