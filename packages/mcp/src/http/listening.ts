import type { McpHttpHandler } from '@modelcontextprotocol/server';
import { isNmcpError } from '@nmcp/types';
import type { Context } from 'hono';
import * as v from 'valibot';
import { feedOf } from '../create_mcp_server.ts';
import { currentRequest } from '../request_context.ts';
import type { Services } from '../services.ts';
import { subscribable, urisOf } from '../subscriptions.ts';
import type { HttpEnv } from './create_http_app.ts';

/** What a client of protocol 2026-07-28 asks to hear of. */
const ListenSchema = v.looseObject({
  id: v.optional(v.union([v.string(), v.number()])),
  method: v.literal('subscriptions/listen'),
  params: v.looseObject({
    notifications: v.looseObject({ resourceSubscriptions: v.optional(v.array(v.string()), []) }),
  }),
});

const INVALID_PARAMS = -32_602;

/**
 * Serves a request of protocol 2026-07-28. One that opens a stream for changes is checked first, since the SDK knows
 * nothing of who may hear of what; the tasks are followed as long as the stream is open.
 */
export async function listening(
  c: Context<HttpEnv>,
  handler: McpHttpHandler,
  services: Services,
): Promise<Response> {
  const asked = await listenRequest(c.req.raw);
  if (!asked) return await handler.fetch(c.req.raw);
  const { caller } = currentRequest();
  const ends: (() => void)[] = [];
  try {
    for (const uri of asked.params.notifications.resourceSubscriptions) {
      const id = await subscribable(uri, services, caller);
      ends.push(
        feedOf(services.tasks).listen(id, (task) => {
          if (urisOf(task).includes(uri)) handler.notify.resourceUpdated(uri);
        }),
      );
    }
  } catch (error) {
    for (const end of ends) end();
    if (!isNmcpError(error)) throw error;
    const body = { code: INVALID_PARAMS, message: error.message };
    return c.json({ jsonrpc: '2.0', id: asked.id ?? null, error: body }, 400);
  }
  c.env.outgoing.once('close', () => {
    for (const end of ends) end();
  });
  return await handler.fetch(c.req.raw);
}

async function listenRequest(request: Request): Promise<v.InferOutput<typeof ListenSchema> | undefined> {
  if (request.method !== 'POST' || request.headers.get('mcp-method') !== 'subscriptions/listen')
    return undefined;
  const body = v.safeParse(v.pipe(v.string(), v.parseJson(), ListenSchema), await request.clone().text());
  return body.success ? body.output : undefined; // the SDK says what is wrong with it
}
