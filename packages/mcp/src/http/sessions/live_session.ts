import {
  type JSONRPCMessage,
  type McpServer,
  type Transport,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Caller } from '@nmcp/access';
import type { Services, SessionStore } from '@nmcp/scans';
import { currentRequest, requestContext } from '../../request_context.ts';
import { CallEvents } from './call_events.ts';
import { SessionSubscriptions } from './session_subscriptions.ts';

/** What a server needs to have sessions. */
export interface SessionContext {
  store: SessionStore;
  services: Services;
  build: () => McpServer;
  /** Name of this server, without `~` and `:`. */
  server: string;
}

/** A session at this server. */
export interface LiveSession {
  readonly id: string;
  readonly caller: Caller;
  readonly subscriptions: SessionSubscriptions;
  /** Milliseconds on `performance.now()`. */
  usedAt: number;
  touchedAt: number;
  /** Whether a call of it is in progress, or something that it has subscribed to is watched. */
  isBusy(): boolean;
  /** Handles a message of the client that came another way than by a request to {@linkcode transport}. */
  receive(message: JSONRPCMessage): void;
  close(): Promise<void>;
}

/** One of Streamable HTTP. */
export interface HttpSession extends LiveSession {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** Of what this server sends. */
  readonly events: CallEvents;
}

/** Makes the MCP server of a session of Streamable HTTP, for the caller of the current request. */
export async function openHttpSession(
  id: string,
  context: SessionContext,
  onClosed: () => Promise<void>,
): Promise<HttpSession> {
  const events = new CallEvents(context.store, id, context.server);
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => id,
    eventStore: events,
    retryInterval: 1000,
    onsessionclosed: onClosed,
  });
  const session = await connect(id, transport as Transport, context);
  return { ...session, transport, events };
}

/** Connects a new MCP server to a session's transport. */
export async function connect(
  id: string,
  transport: Transport,
  context: SessionContext,
): Promise<LiveSession> {
  const { caller } = currentRequest();
  const subscriptions = new SessionSubscriptions(context.store, context.services, id, caller);
  const server = requestContext.run({ ...currentRequest(), subscriptions }, context.build);
  const { prefix, outgoing, incoming } = routing(context.server);
  const send = transport.send.bind(transport);
  const calls = new Set<unknown>();
  transport.send = async (message, options) => {
    await send(outgoing(message), options);
    if (!('method' in message)) calls.delete(message.id);
  };
  await server.connect(transport);
  const receive = transport.onmessage?.bind(transport);
  transport.onmessage = (message, extra) => {
    const own = incoming(message);
    if (own && 'method' in own && 'id' in own) calls.add(own.id);
    if (own) receive?.(own, extra);
  };
  const now = performance.now();
  return {
    ...{ id, caller, subscriptions, usedAt: now, touchedAt: now },
    isBusy: () => calls.size > 0 || subscriptions.size > 0,
    receive: (message) => {
      // what it answers is a request of this server only if it says so
      if ('method' in message || String('id' in message ? message.id : '').startsWith(prefix))
        transport.onmessage?.(message);
    },
    async close() {
      subscriptions.close();
      await server.close();
    },
  };
}

/** The ids of a server's requests to the client name the server: the answer can reach another one. */
function routing(server: string): {
  prefix: string;
  outgoing: (message: JSONRPCMessage) => JSONRPCMessage;
  incoming: (message: JSONRPCMessage) => JSONRPCMessage | undefined;
} {
  const prefix = `${server}:`;
  return {
    prefix,
    outgoing: (message) =>
      'method' in message && 'id' in message ? { ...message, id: `${prefix}${message.id}` } : message,
    incoming(message) {
      if ('method' in message || !('id' in message)) return message;
      const id = String(message.id);
      return id.startsWith(prefix) ? { ...message, id: Number(id.slice(prefix.length)) } : undefined;
    },
  };
}
