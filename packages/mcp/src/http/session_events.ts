import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

/** Limits of what is kept for a client that reconnects; a page of findings with full texts is a few hundred kilobytes. */
const MAX_LENGTH = 1_000_000;
const MAX_EVENTS = 500;

interface SessionEvent {
  id: string;
  streamId: string;
  message: JSONRPCMessage;
  length: number;
}

/** The last events of a session, for a client that reconnects with the id of the last event that it saw. */
export class SessionEvents implements EventStore {
  readonly #events: SessionEvent[] = [];
  #last = 0;
  #length = 0;

  async storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    const { length } = JSON.stringify(message);
    const id = `${streamId}/${++this.#last}`;
    this.#events.push({ id, streamId, message, length });
    this.#length += length;
    while (this.#events.length > MAX_EVENTS || (this.#length > MAX_LENGTH && this.#events.length > 1))
      this.#length -= this.#events.shift()?.length ?? 0;
    return id;
  }

  async getStreamIdForEventId(id: string): Promise<string | undefined> {
    return this.#events.find((event) => event.id === id)?.streamId;
  }

  async replayEventsAfter(
    lastId: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const at = this.#events.findIndex((event) => event.id === lastId);
    const streamId = this.#events[at]?.streamId;
    if (streamId === undefined) throw new Error('The event is no longer available; start a new session');
    // an empty message only gives a stream its first id
    for (const event of this.#events.slice(at + 1))
      if (event.streamId === streamId && 'jsonrpc' in event.message) await send(event.id, event.message);
    return streamId;
  }
}
