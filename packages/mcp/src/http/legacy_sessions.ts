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
  /** Concurrent sessions; a new one beyond that ends the least recently used of the caller with the most. @default 1000 */
  maxSessions?: number;
  /** Those of one caller; a new one beyond that ends his own least recently used. @default 64 */
  maxOfCaller?: number;
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
    this.#options = { idleMs: 1_800_000, maxSessions: 1000, maxOfCaller: 64, ...options };
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
        this.#endBeyondShare(caller);
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
    for (const [id, { lastUsed }] of this.#sessions) {
      if (lastUsed > limit) return;
      this.#end(id);
    }
  }

  /** Whoever opens too many ends his own, never another's. */
  #endBeyondShare(caller: string): void {
    const { maxOfCaller, maxSessions } = this.#options;
    if (this.#idsOf(caller).length > maxOfCaller) this.#end(this.#idsOf(caller)[0]);
    if (this.#sessions.size <= maxSessions) return;
    const counts = new Map<string, number>();
    for (const { caller: name } of this.#sessions.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    if (most) this.#end(this.#idsOf(most[0])[0]);
  }

  /** Ids of a caller's sessions, the least recently used first. */
  #idsOf(caller: string): string[] {
    return [...this.#sessions].flatMap(([id, session]) => (session.caller === caller ? [id] : []));
  }

  #end(id: string | undefined): void {
    if (id === undefined) return;
    void this.#sessions.get(id)?.server.close();
    this.#sessions.delete(id);
  }
}

function optionsOf(body: unknown): { parsedBody?: unknown } {
  return body === undefined ? {} : { parsedBody: body };
}

function notFound(): Response {
  const error = { code: -32_001, message: 'Session not found' };
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status: 404 });
}
