import { type Caller, LOCAL_CALLER, type TokenFile } from '@nmcp/access';
import type { MiddlewareHandler } from 'hono';
import { requestContext } from '../request_context.ts';
import type { Services } from '../services.ts';
import type { HttpEnv } from './create_http_app.ts';
import { FailureLimit } from './failure_limit.ts';

/** Finds out who calls, and lets only those in whose token is good. */
export function authenticate(
  tokens: TokenFile | undefined,
  { log, clock }: Pick<Services, 'log' | 'clock'>,
): MiddlewareHandler<HttpEnv> {
  const failures = new FailureLimit(clock);
  return async (c, next) => {
    const { headers } = c.req.raw;
    if (!tokens) return await requestContext.run({ headers, caller: LOCAL_CALLER }, next);
    const address = c.env.incoming.socket.remoteAddress ?? '';
    const waitSeconds = failures.secondsToWait(address);
    if (waitSeconds > 0)
      return refuse(429, 'Too many wrong tokens came from your address', {
        'retry-after': String(waitSeconds),
      });
    const verdict = callerOf(headers.get('authorization'), tokens);
    if (typeof verdict === 'object') return await requestContext.run({ headers, caller: verdict }, next);
    if (verdict !== 'missing') failures.count(address);
    log.info({ address, path: c.req.path, why: verdict }, 'caller refused');
    const challenge =
      verdict === 'missing' ? '' : `, error="invalid_token", error_description="The token is ${verdict}"`;
    return refuse(401, WHY[verdict], { 'www-authenticate': `Bearer realm="nessus-mcp"${challenge}` });
  };
}

type Verdict = 'missing' | 'malformed' | 'unknown' | 'expired';

const WHY: Readonly<Record<Verdict, string>> = {
  missing:
    'This server wants a token: send the header Authorization: Bearer nmcp_... (nmcp-admin token create makes one)',
  malformed: 'The token does not have the form of one; expected nmcp_ and two parts',
  unknown: 'The token is not known here; it was revoked, or is of another server',
  expired: 'The token has expired; ask for another one',
};

function callerOf(header: string | null, tokens: TokenFile): Caller | Verdict {
  if (header === null) return 'missing';
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  return token === undefined ? 'malformed' : tokens.verify(token);
}

function refuse(status: 401 | 429, message: string, headers: Record<string, string>): Response {
  const error = status === 401 ? 'Unauthorized' : 'Too many requests';
  return Response.json({ error, message, status_code: status }, { status, headers });
}
