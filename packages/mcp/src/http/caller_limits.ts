import type { Clock } from '@nmcp/types';
import type { MiddlewareHandler } from 'hono';
import { currentRequest } from '../request_context.ts';
import type { HttpEnv } from './http_env.ts';

/** Limits per caller. */
export interface CallerLimits {
  /** Calls per minute; 0 means unlimited. @default 1200 */
  callsPerMinute?: number | undefined;
  /** Concurrent calls. @default 32 */
  concurrentCalls?: number | undefined;
  /** Open streams (GET /mcp, GET /sse). @default 32 */
  streams?: number | undefined;
}

const DEFAULTS = { callsPerMinute: 1200, concurrentCalls: 32, streams: 32 };
const MINUTE_MS = 60_000;

interface Usage {
  /** Calls since `since`. */
  calls: number;
  since: number;
  underWay: number;
  streams: number;
}

/** Enforces the limits of each caller; the local user has none. */
export function limitCallers(limits: CallerLimits, clock: Clock): MiddlewareHandler<HttpEnv> {
  const { callsPerMinute, concurrentCalls, streams } = { ...DEFAULTS, ...defined(limits) };
  const usages = new Map<string, Usage>();

  function usageOf(name: string): Usage {
    const now = clock();
    const usage = usages.get(name) ?? { calls: 0, since: now, underWay: 0, streams: 0 };
    if (now - usage.since >= MINUTE_MS) Object.assign(usage, { calls: 0, since: now });
    usages.set(name, usage);
    return usage;
  }

  return async (c, next) => {
    const { caller } = currentRequest();
    if (caller.name === 'local') return await next();
    const usage = usageOf(caller.name);
    const isStream = c.req.method === 'GET' && c.req.path !== '/metrics';
    const kind = isStream ? 'streams' : 'underWay';
    if (isStream && usage.streams >= streams)
      return tooMany(`You have ${streams} open streams; close one`, 1);
    if (!isStream && usage.underWay >= concurrentCalls)
      return tooMany(`${concurrentCalls} of your calls are in progress; wait for one to finish`, 1);
    if (!isStream && callsPerMinute > 0 && usage.calls >= callsPerMinute)
      return tooMany(
        `You have made ${callsPerMinute} calls in this minute`,
        Math.ceil((usage.since + MINUTE_MS - clock()) / 1000),
      );
    if (!isStream) usage.calls++;
    usage[kind]++;
    // a response can be a stream: the call is over when it has been sent, or when the client has gone
    c.env.outgoing.once('close', () => {
      usage[kind]--;
      if (usage.underWay === 0 && usage.streams === 0 && clock() - usage.since >= MINUTE_MS)
        usages.delete(caller.name);
    });
    return await next();
  };
}

function defined(limits: CallerLimits): Partial<typeof DEFAULTS> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function tooMany(message: string, seconds: number): Response {
  return Response.json(
    { error: 'Too many requests', message, status_code: 429 },
    { status: 429, headers: { 'retry-after': String(Math.max(1, seconds)) } },
  );
}
