import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import type { McpServer } from '@modelcontextprotocol/server';
import { currentRequest, requestContext } from '../request_context.ts';

interface SseSession {
  transport: SSEServerTransport;
  server: McpServer;
  /** Its stream, through which all answers go. */
  sink: HttpBindings['outgoing'];
  /** Name of the caller that opened it. */
  caller: string;
}

/** Clients of the old HTTP+SSE transport: a stream at /sse, messages by POST to /messages. */
export class SseSessions {
  readonly #build: () => McpServer;
  readonly #sessions = new Map<string, SseSession>();

  constructor(build: () => McpServer) {
    this.#build = build;
  }

  async open({ outgoing }: HttpBindings): Promise<Response> {
    const server = this.#build();
    const transport = new SSEServerTransport(
      '/messages',
      outgoing as ConstructorParameters<typeof SSEServerTransport>[1],
    ); // HTTP/1 here
    const { name: caller } = currentRequest().caller;
    this.#sessions.set(transport.sessionId, { transport, server, sink: outgoing, caller });
    outgoing.on('close', () => this.#sessions.delete(transport.sessionId));
    await server.connect(transport as unknown as Parameters<McpServer['connect']>[0]); // the shape of the old SDK's transport
    return RESPONSE_ALREADY_SENT;
  }

  async post(sessionId: string | undefined, { incoming, outgoing }: HttpBindings): Promise<Response> {
    const session = this.#sessions.get(sessionId ?? '');
    if (!session || session.caller !== currentRequest().caller.name)
      return Response.json(
        { error: 'Session not found', message: 'Open a stream at /sse first', status_code: 404 },
        { status: 404 },
      );
    type Post = SSEServerTransport['handlePostMessage'];
    const { transport, sink } = session;
    await requestContext.run({ ...currentRequest(), sink }, () =>
      transport.handlePostMessage(incoming as Parameters<Post>[0], outgoing as Parameters<Post>[1]),
    ); // HTTP/1 here
    return RESPONSE_ALREADY_SENT;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ server }) => server.close()));
    this.#sessions.clear();
  }
}
