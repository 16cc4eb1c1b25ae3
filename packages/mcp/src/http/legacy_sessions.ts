import { type McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { Clock } from '@nmcp/types';
import { currentRequest } from '../request_context.ts';
import { SessionEvents } from './session_events.ts';

/** Options of {@linkcode LegacySessions}. */
export interface LegacySessionsOptions {
  build: () => McpServer;
  clock: Clock;
  /** Milliseconds without a request after which a session ends. @default 1800000 */
  idleMs?: number;
  /** Concurrent sessions; a new one beyond that ends the least recently used. @default 1000 */
  maxSessions?: number;
}

/** Milliseconds after which a client reconnects when its connection broke. */
const RETRY_MS = 1000;

interface Session {
  transport: WebStandardStreamableHTTPServerTransport;
  server: McpServer;
  /** Name of the caller that opened it. */
  caller: string;
  lastUsed: number;
}

/** Sessions of clients of protocol 2025-11-25 and earlier, which begin with `initialize`. */
export class LegacySessions {
  readonly #options: Required<LegacySessionsOptions>;
  /** In the order of their last use. */
  readonly #sessions = new Map<string, Session>();

  constructor(options: LegacySessionsOptions) {
    this.#options = { idleMs: 1_800_000, maxSessions: 1000, ...options };
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** @param body the request's JSON, where it was read */
  async fetch(request: Request, body?: unknown): Promise<Response> {
    this.#endIdle();
    const id = request.headers.get('mcp-session-id');
    if (id === null) return await this.#begin(request, body);
    const session = this.#sessions.get(id);
    if (!session || session.caller !== currentRequest().caller.name) return notFound();
    session.lastUsed = this.#options.clock();
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return await session.transport.handleRequest(request, optionsOf(body));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ server }) => server.close()));
    this.#sessions.clear();
  }

  async #begin(request: Request, body: unknown): Promise<Response> {
    const server = this.#options.build();
    const caller = currentRequest().caller.name;
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      eventStore: new SessionEvents(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => {
        this.#sessions.set(id, { transport, server, caller, lastUsed: this.#options.clock() });
      },
      onsessionclosed: (id) => {
        this.#sessions.delete(id);
      },
    });
    await server.connect(transport);
    const response = await transport.handleRequest(request, optionsOf(body));
    if (transport.sessionId === undefined) await server.close(); // it was not an initialize request
    return response;
  }

  #endIdle(): void {
    const limit = this.#options.clock() - this.#options.idleMs;
    for (const [id, { server, lastUsed }] of this.#sessions) {
      if (lastUsed > limit && this.#sessions.size <= this.#options.maxSessions) return;
      this.#sessions.delete(id);
      void server.close();
    }
  }
}

function optionsOf(body: unknown): { parsedBody?: unknown } {
  return body === undefined ? {} : { parsedBody: body };
}

function notFound(): Response {
  const error = { code: -32_001, message: 'Session not found' };
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status: 404 });
}
