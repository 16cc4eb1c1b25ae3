import type { Writable } from 'node:stream';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import type { Services } from '@nmcp/scans';
import { isNmcpError } from '@nmcp/types';
import * as v from 'valibot';
import { currentRequest } from '../request_context.ts';
import { watchUri } from '../subscriptions.ts';
import type { ReadRequest } from './read_request.ts';
import type { UpdateRelay } from './update_relay.ts';

/** What a client of protocol 2026-07-28 subscribes to. */
const ListenSchema = v.looseObject({
  id: v.optional(v.union([v.string(), v.number()])),
  method: v.literal('subscriptions/listen'),
  params: v.looseObject({
    notifications: v.looseObject({ resourceSubscriptions: v.optional(v.array(v.string()), []) }),
  }),
});

const INVALID_PARAMS = -32_602;

/**
 * Serves a request of protocol 2026-07-28. One that opens a stream of changes is authorized first, since the SDK does not
 * know who may see what; the tasks are followed as long as the stream is open.
 */
export async function serveModern(
  { request, body, outgoing }: ReadRequest & { outgoing: Writable },
  handler: McpHttpHandler,
  relay: UpdateRelay,
  services: Services,
): Promise<Response> {
  const serve = (): Promise<Response> =>
    handler.fetch(request, body === undefined ? {} : { parsedBody: body });
  const asked =
    request.headers.get('mcp-method') === 'subscriptions/listen'
      ? v.safeParse(ListenSchema, body)
      : undefined;
  if (!asked?.success) return await serve(); // the SDK says what is wrong with it
  const { id: requestId, params } = asked.output;
  const { caller } = currentRequest();
  const ends: (() => void)[] = [];
  try {
    for (const uri of params.notifications.resourceSubscriptions)
      ends.push(await relay.wait(uri, async (tell) => (await watchUri(uri, services, caller, tell)).stop));
  } catch (error) {
    for (const end of ends) end();
    if (!isNmcpError(error)) throw error;
    const problem = { code: INVALID_PARAMS, message: error.message };
    return Response.json({ jsonrpc: '2.0', id: requestId ?? null, error: problem }, { status: 400 });
  }
  outgoing.once('close', () => {
    for (const end of ends) end();
  });
  return await serve();
}
