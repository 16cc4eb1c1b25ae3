import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';
import type { SessionStore } from '@nmcp/scans';

/** The ids of the requests that a POST carries; its stream's events are named by them. */
export const requestIds: AsyncLocalStorage<(string | number)[]> = new AsyncLocalStorage();

/** What the name of an event says of the call whose answer it belongs to. */
export interface CallEvent {
  stream: string;
  /** Who runs the call. */
  server: string;
  /** From 0, which is only a name to resume from. */
  number: number;
  ids: (string | number)[];
}

/** Reads the name of an event; undefined for one of the session's own stream. */
export function parseLabel(label: string): CallEvent | undefined {
  const [stream, server, number, ids] = label.split('~');
  if (stream === undefined || server === undefined || ids === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(ids, 'base64url').toString());
    return { stream, server, number: Number(number), ids: Array.isArray(parsed) ? parsed : [] };
  } catch {
    return undefined;
  }
}

/** What the SDK's transport sends without a request is of the session's own stream. */
const OWN_STREAM = '_GET_stream';

/**
 * The events of one session that this server sends. Those of a call are named here, so that its answer need not wait for the
 * store; what the store cannot keep is sent all the same.
 */
export class CallEvents implements EventStore {
  readonly #store: SessionStore;
  readonly #session: string;
  readonly #server: string;
  readonly #numbers = new Map<string, { next: number; ids: string }>();
  /** Nothing is kept: the session is taken up again, and its client has seen what it said then. */
  muted = false;

  constructor(store: SessionStore, session: string, server: string) {
    this.#store = store;
    this.#session = session;
    this.#server = server;
  }

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    if (stream === OWN_STREAM) {
      if (this.muted) return '';
      return (await this.#append(stream, undefined, message)) ?? '';
    }
    const known = this.#numbers.get(stream) ?? { next: 0, ids: encode(requestIds.getStore() ?? []) };
    const label = [stream, this.#server, known.next++, known.ids].join('~');
    this.#numbers.set(stream, known);
    if (isAnswer(message)) this.#numbers.delete(stream);
    // an empty message only gives a stream its first name
    if ('jsonrpc' in message && !this.muted) void this.#append(stream, label, message);
    return label;
  }

  /** Streams are resumed from the store, whichever server began them. */
  async replayEventsAfter(): Promise<string> {
    throw new Error('Streams are resumed from the store');
  }

  async #append(
    stream: string,
    label: string | undefined,
    message: JSONRPCMessage,
  ): Promise<string | undefined> {
    const event = { stream, label, message: JSON.stringify(message) };
    return await this.#store.append(this.#session, event).catch(() => undefined);
  }
}

function isAnswer(message: object): boolean {
  return 'result' in message || 'error' in message;
}

function encode(ids: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(ids)).toString('base64url');
}
