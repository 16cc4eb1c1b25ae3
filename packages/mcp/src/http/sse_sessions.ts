import type { HttpBindings } from '@hono/node-server';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { FIRST_EVENT, type StoredSession } from '@nmcp/scans';
import { currentRequest, requestContext } from '../request_context.ts';
import { connect, type LiveSession, type SessionContext } from './sessions/live_session.ts';
import { SessionShelf } from './sessions/session_shelf.ts';
import { isPosition, streamSession } from './sessions/session_stream.ts';

interface SseSession extends LiveSession {
  /** Given as long as it is taken up again: its client has seen what is said then, so it is told here in place of being sent. */
  onMuted: (() => void) | undefined;
}

/** Milliseconds that a client has to open its stream again. */
const AWAY_MS = 60_000;

/**
 * Clients of the old HTTP+SSE transport: a stream at /sse, messages by POST to /messages. Messages may reach another server
 * than the stream; all answers go through the store.
 */
export class SseSessions {
  readonly #context: SessionContext;
  readonly #shelf: SessionShelf<SseSession>;
  /** Where the streams of this server go. */
  readonly #sinks = new Map<string, HttpBindings['outgoing']>();

  constructor(context: SessionContext) {
    this.#context = context;
    this.#shelf = new SessionShelf(context.store, context.server, (id, stored) => this.#takeUp(id, stored));
  }

  /** Opens a stream: a new session's, or the one of the last event that the client has seen. */
  async open({ outgoing, incoming }: HttpBindings): Promise<Response> {
    const { store } = this.#context;
    const { name: caller } = currentRequest().caller;
    const [known = '', position = ''] = String(incoming.headers['last-event-id'] ?? '').split(':');
    const isKnown = isPosition(position) && (await this.#find(known)) !== undefined;
    const id = isKnown ? known : crypto.randomUUID();
    const after = isKnown ? position : FIRST_EVENT;
    if (!isKnown) {
      const session = await this.#connect(id);
      await this.#shelf.start();
      await store.create(id, { caller, initialize: '' });
      await this.#shelf.add(session);
    }
    this.#sinks.set(id, outgoing);
    return await streamSession({
      ...{ store, session: id, after, prefix: `${id}:` },
      preface: `event: endpoint\nid: ${id}:${after}\ndata: /messages?sessionId=${id}\n\n`,
      wakeable: (wake, end) => this.#shelf.listen(id, wake, end),
      onClose: () => void this.#leave(id, caller, outgoing).catch(() => {}),
    });
  }

  async post(id: string | undefined, text: string): Promise<Response> {
    const session = id === undefined ? undefined : await this.#find(id);
    if (!session)
      return Response.json(
        { error: 'Session not found', message: 'Open a stream at /sse first', status_code: 404 },
        { status: 404 },
      );
    let message: JSONRPCMessage;
    try {
      message = JSON.parse(text); // the SDK checks what it is
    } catch {
      return new Response('Invalid message: it is not JSON', { status: 400 });
    }
    if ('method' in message && message.method === 'initialize')
      await this.#context.store.initialize(session.id, text);
    if (!('id' in message && 'method' in message))
      await this.#shelf.forward(session.id, [message]).catch(() => {});
    const sink = this.#sinks.get(session.id) ?? currentRequest().sink;
    requestContext.run({ ...currentRequest(), sink }, () => session.receive(message));
    return new Response('Accepted', { status: 202 });
  }

  async close(): Promise<void> {
    await this.#shelf.close();
  }

  async #find(id: string): Promise<SseSession | undefined> {
    return /^[0-9a-f-]{36}$/.test(id) ? await this.#shelf.find(id) : undefined;
  }

  async #connect(id: string): Promise<SseSession> {
    const { store } = this.#context;
    const state: Pick<SseSession, 'onMuted'> = { onMuted: undefined };
    const transport: Transport = {
      sessionId: id,
      start: async () => {},
      async send(message) {
        if (state.onMuted) state.onMuted();
        else await store.append(id, { stream: '', message: JSON.stringify(message) });
      },
      async close() {
        transport.onclose?.();
      },
    };
    return Object.assign(state, await connect(id, transport, this.#context));
  }

  async #takeUp(id: string, { initialize }: StoredSession): Promise<SseSession> {
    const session = await this.#connect(id);
    if (initialize === '') return session;
    await new Promise<void>((resolve) => {
      session.onMuted = resolve;
      session.receive(JSON.parse(initialize));
    });
    session.onMuted = undefined;
    return session;
  }

  /** A client that does not come back, to whichever server, ends its session. */
  async #leave(id: string, caller: string, outgoing: HttpBindings['outgoing']): Promise<void> {
    if (this.#sinks.get(id) !== outgoing) return;
    this.#sinks.delete(id);
    const { store } = this.#context;
    if (!store.isShared) return await store.end(id, caller);
    const { stream } = await store.read(id, FIRST_EVENT);
    setTimeout(async () => {
      try {
        if ((await store.read(id, FIRST_EVENT)).stream === stream) await store.end(id, caller);
      } catch {
        // it ends by itself
      }
    }, AWAY_MS).unref();
  }
}
