import {
  FIRST_EVENT,
  isBefore,
  SESSION_LIMITS,
  type SessionEvent,
  type SessionLimits,
  type SessionNews,
  type SessionStore,
  type StoredSession,
} from '../session_store.ts';

interface Kept extends Omit<StoredSession, 'subscriptions'> {
  revisions: Map<string, number>;
  events: SessionEvent[];
  length: number;
  last: number;
  /** The last event that was removed and that a stream could want. */
  removed: string;
  stream: string;
  usedAt: number;
}

/** Sessions of one process, in its memory. */
export function createMemorySessions(
  given: Partial<SessionLimits> = {},
  clock: () => number = Date.now,
): SessionStore {
  const limits = { ...SESSION_LIMITS, ...given };
  const sessions = new Map<string, Kept>();
  const listeners = new Set<(news: SessionNews) => void>();
  const servers = new Set<string>();

  const tell = async (news: SessionNews): Promise<void> => {
    for (const listener of listeners) listener(news);
  };
  const end = async (id: string): Promise<void> => {
    if (sessions.delete(id)) await tell({ session: id, ended: true });
  };
  const endIdle = async (): Promise<void> => {
    for (const [id, { usedAt }] of sessions) if (clock() - usedAt > limits.idleMs) await end(id);
  };
  const trim = (kept: Kept): void => {
    while (kept.events.length > limits.events || (kept.length > limits.length && kept.events.length > 1)) {
      const event = kept.events.shift();
      kept.length -= event?.message.length ?? 0;
      if (event && event.label === undefined) kept.removed = event.id;
    }
  };

  return {
    isShared: false,
    async create(id, session) {
      await endIdle();
      const own = [...sessions].filter(([, { caller }]) => caller === session.caller);
      const oldest = own.sort(([, a], [, b]) => a.usedAt - b.usedAt);
      for (const [old] of oldest.slice(0, Math.max(0, own.length + 1 - limits.ofCaller))) await end(old);
      sessions.set(id, {
        ...session,
        ...{ revisions: new Map(), events: [], length: 0, last: 0 },
        ...{ removed: FIRST_EVENT, seen: FIRST_EVENT, stream: '', usedAt: clock() },
      });
    },
    async find(id) {
      await endIdle();
      const kept = sessions.get(id);
      if (!kept) return undefined;
      kept.usedAt = clock();
      const { caller, initialize, seen } = kept;
      return { caller, initialize, seen, subscriptions: [...kept.revisions.keys()] };
    },
    async initialize(id, request) {
      const kept = sessions.get(id);
      if (kept) kept.initialize = request;
    },
    async touch(id) {
      await endIdle();
      const kept = sessions.get(id);
      if (kept) kept.usedAt = clock();
      return kept !== undefined;
    },
    end,
    async subscribe(id, uri, revision) {
      const revisions = sessions.get(id)?.revisions;
      if (revision === undefined) revisions?.delete(uri);
      else revisions?.set(uri, revision);
    },
    async append(id, { stream, label, message, change }) {
      const kept = sessions.get(id);
      if (!kept) return undefined;
      if (change) {
        const known = kept.revisions.get(change.uri);
        if (known === undefined || known >= change.revision) return undefined;
        kept.revisions.set(change.uri, change.revision);
      }
      const event = { id: `0-${++kept.last}`, stream, label, message };
      kept.events.push(event);
      kept.length += message.length;
      trim(kept);
      if (label === undefined) await tell({ session: id });
      return event.id;
    },
    async read(id, after) {
      const { events = [], stream = '', removed = FIRST_EVENT } = sessions.get(id) ?? {};
      return {
        events: events.filter((event) => isBefore(after, event.id)),
        stream,
        isIncomplete: isBefore(after, removed),
      };
    },
    async openStream(id, stream) {
      const kept = sessions.get(id);
      if (kept) kept.stream = stream;
      await tell({ session: id });
    },
    async see(id, event) {
      const kept = sessions.get(id);
      if (kept) kept.seen = event;
    },
    tell,
    async listen(listener) {
      listeners.add(listener);
    },
    async beat(server) {
      servers.add(server);
    },
    isAlive: async (server) => servers.has(server),
  };
}
