import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { HttpEnv } from './http_env.ts';

/** Rejects requests with larger bodies. */
export function limitBody(maxSize: number): MiddlewareHandler<HttpEnv> {
  const tooLarge = (c: Context): Response =>
    c.json(
      {
        error: 'Request too large',
        message: `A request may have at most ${maxSize} bytes`,
        status_code: 413,
      },
      413,
    );
  const limitStream = bodyLimit({ maxSize, onError: tooLarge });
  return async (c, next) => {
    const length = c.req.header('content-length');
    // Node ends a request at its declared length; touching the body would turn it into a stream
    if (length !== undefined) return Number(length) > maxSize ? tooLarge(c) : await next();
    return c.req.header('transfer-encoding') === undefined ? await next() : await limitStream(c, next);
  };
}
