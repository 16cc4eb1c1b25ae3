import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { legacyStatelessFallback } from '@modelcontextprotocol/server';
import { FIRST_EVENT, type StoredSession } from '@nmcp/scans';
import { currentRequest } from '../request_context.ts';
import { parseLabel, requestIds } from './sessions/call_events.ts';
import { type HttpSession, openHttpSession, type SessionContext } from './sessions/live_session.ts';
import { SessionShelf } from './sessions/session_shelf.ts';
import { isPosition, primingEvent, streamCall, streamSession } from './sessions/session_stream.ts';

/** The first protocol whose clients know events without a message, which only give a stream an id. */
const PRIMED_SINCE = '2025-11-25';

/**
 * Sessions of clients of protocol 2025-11-25 and earlier, which begin with `initialize`. A session is in the store; any server
 * that shares it serves any of its requests. A call without a session is answered as one of no session.
 */
export class LegacySessions {
  readonly #context: SessionContext;
  readonly #shelf: SessionShelf<HttpSession>;
  readonly #stateless: ReturnType<typeof legacyStatelessFallback>;

  constructor(context: SessionContext) {
    this.#context = context;
    this.#shelf = new SessionShelf(context.store, context.server, (id, stored) => this.#takeUp(id, stored));
    this.#stateless = legacyStatelessFallback(context.build);
  }

  /** @param body the request's JSON, where it was read */
  async fetch(request: Request, body?: unknown): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id === null) {
      if (isInitialize(body)) return await this.#begin(request, body);
      return await this.#stateless(request, optionsOf(body));
    }
    const session = isSessionId(id) ? await this.#shelf.find(id) : undefined;
    if (!session) return notFound();
    if (request.method === 'GET') return await this.#stream(session, request);
    const messages = [body].flat() as JSONRPCMessage[]; // the SDK says what is wrong with them
    const ids = messages.flatMap((message) => (isRequest(message) ? [message.id] : []));
    if (ids.length === 0 && request.method === 'POST')
      await this.#shelf.forward(id, messages).catch(() => {}); // the servers that could want it are as lost
    return await requestIds.run(ids, () => session.transport.handleRequest(request, optionsOf(body)));
  }

  async close(): Promise<void> {
    await this.#shelf.close();
  }

  async #begin(request: Request, body: unknown): Promise<Response> {
    const { store } = this.#context;
    const { name: caller } = currentRequest().caller;
    const id = crypto.randomUUID();
    const session = await this.#open(id);
    await this.#shelf.start();
    await store.create(id, { caller, initialize: JSON.stringify(body) });
    const response = await requestIds.run([], () =>
      session.transport.handleRequest(request, optionsOf(body)),
    );
    if (session.transport.sessionId === undefined) {
      await session.close(); // it was not a valid request
      await store.end(id, caller);
    } else await this.#shelf.add(session);
    return response;
  }

  #open(id: string): Promise<HttpSession> {
    const { name } = currentRequest().caller;
    return openHttpSession(id, this.#context, async () => {
      await this.#context.store.end(id, name);
      await this.#shelf.drop(id);
    });
  }

  /** Takes up a session that began at another server: its client's first words are said again, and not answered again. */
  async #takeUp(id: string, { initialize }: StoredSession): Promise<HttpSession> {
    const session = await this.#open(id);
    session.events.muted = true;
    const parsedBody: unknown = JSON.parse(initialize);
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const again = new Request('http://localhost/mcp', { method: 'POST', headers, body: initialize });
    await (await session.transport.handleRequest(again, { parsedBody })).text();
    session.events.muted = false;
    return session;
  }

  async #stream({ id }: HttpSession, request: Request): Promise<Response> {
    if (!request.headers.get('accept')?.includes('text/event-stream'))
      return refuse(406, 'Not Acceptable: Client must accept text/event-stream');
    const { store } = this.#context;
    const wakeable = (wake: () => void, end: () => void): (() => void) => this.#shelf.listen(id, wake, end);
    const last = request.headers.get('last-event-id');
    if (last !== null && parseLabel(last))
      return withSession(id, await streamCall({ store, session: id, label: last, wakeable }));
    if (last !== null && !isPosition(last))
      return refuse(400, 'The Last-Event-ID is none of this server; open a stream without it');
    const after = last ?? (await store.find(id))?.seen ?? FIRST_EVENT;
    if (last !== null && (await store.read(id, last)).isIncomplete)
      return refuse(
        400,
        'Events after the Last-Event-ID are not kept any more; read the resources again, and open a stream without it',
      );
    const isPrimed = (request.headers.get('mcp-protocol-version') ?? '') >= PRIMED_SINCE;
    const preface = isPrimed ? primingEvent(after) : ': open\n\n';
    return withSession(id, await streamSession({ store, session: id, after, wakeable, preface }));
  }
}

function withSession(id: string, response: Response): Response {
  response.headers.set('mcp-session-id', id);
  return response;
}

function isSessionId(text: string): boolean {
  return /^[0-9a-f-]{36}$/.test(text);
}

function isInitialize(body: unknown): boolean {
  return [body]
    .flat()
    .some((message) => (message as { method?: unknown } | undefined)?.method === 'initialize');
}

function isRequest(message: unknown): message is { id: string | number } {
  return typeof message === 'object' && message !== null && 'method' in message && 'id' in message;
}

function optionsOf(body: unknown): { parsedBody?: unknown } {
  return body === undefined ? {} : { parsedBody: body };
}

function refuse(status: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code: -32_000, message } }, { status });
}

function notFound(): Response {
  const error = { code: -32_001, message: 'Session not found' };
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status: 404 });
}
