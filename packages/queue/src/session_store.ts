/** A session of a client, as every server of the store sees it. */
export interface StoredSession {
  /** Name of the caller that opened it. */
  caller: string;
  /** The client's `initialize` request, as JSON; empty as long as it has not come. */
  initialize: string;
  /** URIs that the client has subscribed to. */
  subscriptions: string[];
  /** The last event that was sent on a stream without a position to resume from. */
  seen: string;
}

/** Something for the client of a session. */
export interface NewSessionEvent {
  /** Name of its stream. */
  stream: string;
  /** Name of the event within its stream, where whoever sends it has given it one; else its id is its name, and streams are woken. */
  label?: string | undefined;
  /** JSON. */
  message: string;
  /** That it tells of a change: of what, and of which state. Of each state it is told once, whoever sees it. */
  change?: { uri: string; revision: number } | undefined;
}

/** An event that is kept for a client that reconnects. */
export interface SessionEvent extends Omit<NewSessionEvent, 'change'> {
  id: string;
}

/** What servers tell each other of a session. */
export interface SessionNews {
  session: string;
  /** It has ended. */
  ended?: true | undefined;
  /** A message of its client, as JSON, which may be for another server than the one that it reached. */
  message?: string | undefined;
  /** Who tells it. */
  from?: string | undefined;
}

/** What is read of a session's events. */
export interface SessionReading {
  events: SessionEvent[];
  /** Name of the newest stream; an older one ends. */
  stream: string;
  /** Events after the asked one are not kept any more. */
  isIncomplete: boolean;
}

/**
 * Sessions of MCP clients: who opened each, what its client can do, what it has subscribed to, and the last events, from which
 * it can go on. A session ends by itself when nobody has used it for a while.
 */
export interface SessionStore {
  /** Whether other servers can have it too, so that a client may come back to one of them. */
  readonly isShared: boolean;
  /** @throws {NmcpError} `unavailable`; then there is no session */
  create(id: string, session: Pick<StoredSession, 'caller' | 'initialize'>): Promise<void>;
  find(id: string): Promise<StoredSession | undefined>;
  /** Notes what the client said at its beginning. */
  initialize(id: string, request: string): Promise<void>;
  /** Keeps it. @returns whether there still is one */
  touch(id: string, caller: string): Promise<boolean>;
  end(id: string, caller: string): Promise<void>;
  /** @param revision of the state that the client knows; absent: it does not want to know any more */
  subscribe(id: string, uri: string, revision: number | undefined): Promise<void>;
  /** @returns the event's id; undefined when its state was told already, or there is no such session */
  append(id: string, event: NewSessionEvent): Promise<string | undefined>;
  /** Events after one. */
  read(id: string, after: string): Promise<SessionReading>;
  /** Notes which stream is the newest. */
  openStream(id: string, stream: string): Promise<void>;
  /** Notes what was sent. */
  see(id: string, event: string): Promise<void>;
  tell(news: SessionNews): Promise<void>;
  /** Calls a listener with what other servers, and this one, tell; with events too. */
  listen(listener: (news: SessionNews) => void): Promise<void>;
  /** Says that a server lives, for ten seconds. */
  beat(server: string): Promise<void>;
  isAlive(server: string): Promise<boolean>;
}

/** Limits of sessions. */
export interface SessionLimits {
  /** Milliseconds without use after which a session ends. @default 1800000 */
  idleMs: number;
  /** Those of one caller; a new one beyond that ends his own least recently used. @default 64 */
  ofCaller: number;
  /** Events of a session that are kept. @default 500 */
  events: number;
  /** Characters of them; a page of findings with full texts is a few hundred thousand. @default 1000000 */
  length: number;
}

/** Default limits. */
export const SESSION_LIMITS: SessionLimits = {
  idleMs: 1_800_000,
  ofCaller: 64,
  events: 500,
  length: 1_000_000,
};

/** The position before all events. */
export const FIRST_EVENT = '0-0';

/** Whether one event's id comes before another's: milliseconds and a number. */
export function isBefore(a: string, b: string): boolean {
  const [aTime = 0, aNumber = 0] = a.split('-').map(Number);
  const [bTime = 0, bNumber = 0] = b.split('-').map(Number);
  return aTime < bTime || (aTime === bTime && aNumber < bNumber);
}
