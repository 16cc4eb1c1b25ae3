import type { IncomingMessage } from 'node:http';
import { type Caller, LOCAL_CALLER } from '@nmcp/access';
import type { Services } from '@nmcp/scans';
import type { MiddlewareHandler } from 'hono';
import { requestContext } from '../request_context.ts';
import type { ClientOrigin } from './client_origin.ts';
import { FailureLimit } from './failure_limit.ts';
import type { HttpEnv } from './http_env.ts';
import type { LiveRequests } from './live_requests.ts';

/** Where clients read from which server tokens come. Source: RFC 9728 and MCP's authorization. */
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** Identifies the holder of a token, and limits guessing. */
export interface Gate {
  /** @returns the response for a rejected request */
  identify(authorization: string | null, from: { address: string; url: string }): Promise<Caller | Response>;
  /** Whether the holder of a token still is the caller that he was; a token with fewer rights is another one. */
  isStill(authorization: string | null, caller: Caller): Promise<boolean>;
}

/** Makes the authentication check of API and dashboard; `undefined` when there are no tokens, and everyone is the local user. */
export function createGate(services: Pick<Services, 'tokens' | 'oauth' | 'log' | 'clock'>): Gate | undefined {
  const { tokens, oauth, log, clock } = services;
  if (!tokens && !oauth) return undefined;
  const failures = new FailureLimit(clock);
  return {
    async isStill(authorization, caller) {
      const now = await callerOf(authorization, { tokens, oauth });
      return JSON.stringify(now) === JSON.stringify(caller);
    },
    async identify(authorization, { address, url }) {
      const verdict = await callerOf(authorization, { tokens, oauth });
      if (typeof verdict === 'object') return verdict;
      // a valid token always passes: guessing behind a shared proxy must not lock out the others
      const waitSeconds = failures.secondsToWait(address);
      if (waitSeconds > 0)
        return refuse(429, 'Too many invalid tokens came from your address', {
          'retry-after': String(waitSeconds),
        });
      if (verdict !== 'missing') failures.count(address);
      log.info({ address, path: new URL(url).pathname, why: verdict }, 'caller refused');
      const metadata = oauth ? `, resource_metadata="${new URL(METADATA_PATH, url).href}"` : '';
      const problem =
        verdict === 'missing' ? '' : `, error="invalid_token", error_description="The token is ${verdict}"`;
      const message = verdict === 'missing' ? MISSING : `The token is ${verdict}; request a new one`;
      return refuse(401, message, { 'www-authenticate': `Bearer realm="nessus-mcp"${metadata}${problem}` });
    },
  };
}

/** Identifies the caller, and rejects requests without a valid token. */
export function authenticate(
  gate: Gate | undefined,
  live: LiveRequests,
  originOf: (request: IncomingMessage) => ClientOrigin,
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const { headers } = c.req.raw;
    const sink = c.env.outgoing;
    if (!gate) return await requestContext.run({ headers, caller: LOCAL_CALLER, sink }, next);
    const { address } = originOf(c.env.incoming);
    const caller = await gate.identify(headers.get('authorization'), { address, url: c.req.url });
    if (caller instanceof Response) return caller;
    live.watch(sink, () => gate.isStill(headers.get('authorization'), caller));
    return await requestContext.run({ headers, caller, sink }, next);
  };
}

const MISSING =
  'This server requires a token: send the header Authorization: Bearer TOKEN (create one with nmcp-admin token create)';

/** A caller, or why the token is rejected. */
async function callerOf(
  header: string | null,
  { tokens, oauth }: Pick<Services, 'tokens' | 'oauth'>,
): Promise<Caller | string> {
  if (header === null) return 'missing';
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (token === undefined) return 'malformed';
  if (tokens && (token.startsWith('nmcp_') || !oauth)) return await tokens.verify(token);
  return oauth ? await oauth.verify(token) : 'unknown';
}

function refuse(status: 401 | 429, message: string, headers: Record<string, string>): Response {
  const error = status === 401 ? 'Unauthorized' : 'Too many requests';
  return Response.json({ error, message, status_code: status }, { status, headers });
}
