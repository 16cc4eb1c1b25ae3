import {
  FIRST_EVENT,
  isBefore,
  SESSION_LIMITS,
  type SessionEvent,
  type SessionLimits,
  type SessionNews,
  type SessionStore,
} from '../session_store.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';
import type { Reply } from './link.ts';
import { isList } from './read_reply.ts';

/** Milliseconds for which a server counts as alive after it said so. */
const ALIVE_MS = 10_000;
const SUBSCRIPTION = 'sub:';

/** Sessions as hashes, each with a stream of its events, which any server reads. */
export function createRedisSessions(
  connection: RedisConnection,
  keys: RedisKeys,
  given: Partial<SessionLimits> = {},
): SessionStore {
  const limits = { ...SESSION_LIMITS, ...given };
  const idleMs = String(limits.idleMs);
  const listeners = new Set<(news: SessionNews) => void>();

  const tell = async (news: SessionNews): Promise<void> => {
    await connection.command('PUBLISH', keys.sessionChannel, JSON.stringify(news));
  };

  /** Notes the use, for the caller's own least recently used to be known. */
  async function use(id: string, caller: string): Promise<boolean> {
    const [isThere] = await Promise.all([
      connection.command('PEXPIRE', keys.session(id), idleMs),
      connection.command('PEXPIRE', keys.sessionEvents(id), idleMs),
      connection.command('ZADD', keys.sessionsOf(caller), String(Date.now()), id),
      connection.command('PEXPIRE', keys.sessionsOf(caller), idleMs),
    ]);
    return isThere === 1;
  }

  async function end(id: string, caller: string): Promise<void> {
    await connection.command('DEL', keys.session(id), keys.sessionEvents(id));
    await connection.command('ZREM', keys.sessionsOf(caller), id);
    await tell({ session: id, ended: true });
  }

  return {
    isShared: true,
    async create(id, { caller, initialize }) {
      await connection.command('HSET', keys.session(id), 'caller', caller, 'initialize', initialize);
      await use(id, caller);
      const beyond = await connection.command(
        'ZRANGE',
        keys.sessionsOf(caller),
        '0',
        String(-limits.ofCaller - 1),
      );
      for (const old of isList(beyond) ? beyond : []) await end(String(old), caller);
    },
    async find(id) {
      const fields = readFields(await connection.command('HGETALL', keys.session(id)));
      const caller = fields.get('caller');
      if (caller === undefined) return undefined;
      await use(id, caller);
      const names = [...fields.keys()].filter((name) => name.startsWith(SUBSCRIPTION));
      return {
        caller,
        initialize: fields.get('initialize') ?? '',
        seen: fields.get('seen') ?? FIRST_EVENT,
        subscriptions: names.map((name) => name.slice(SUBSCRIPTION.length)),
      };
    },
    async initialize(id, request) {
      await connection.command('HSET', keys.session(id), 'initialize', request);
    },
    touch: use,
    end,
    async subscribe(id, uri, revision) {
      const name = `${SUBSCRIPTION}${uri}`;
      if (revision === undefined) await connection.command('HDEL', keys.session(id), name);
      else await connection.command('HSET', keys.session(id), name, String(revision));
    },
    async append(id, { stream, label = '', message, change }) {
      const reply = await connection.script(
        'session_event',
        [keys.session(id), keys.sessionEvents(id)],
        [
          ...[stream, label, message, String(limits.events), String(limits.length), idleMs],
          ...[change?.uri ?? '', String(change?.revision ?? 0)],
          ...[keys.sessionChannel, JSON.stringify({ session: id })],
        ],
      );
      return reply === null ? undefined : String(reply);
    },
    async read(id, after) {
      const [events, state] = await Promise.all([
        connection.command('XRANGE', keys.sessionEvents(id), `(${after}`, '+'),
        connection.command('HMGET', keys.session(id), 'stream', 'removed'),
      ]);
      const [stream, removed] = isList(state) ? state : [];
      return {
        events: isList(events) ? events.map(readEvent) : [],
        stream: String(stream ?? ''),
        isIncomplete: isBefore(after, String(removed ?? FIRST_EVENT)),
      };
    },
    async openStream(id, stream) {
      await connection.command('HSET', keys.session(id), 'stream', stream);
      await tell({ session: id });
    },
    async see(id, event) {
      await connection.command('HSET', keys.session(id), 'seen', event);
    },
    tell,
    async listen(listener) {
      listeners.add(listener);
      await connection.subscribe(keys.sessionChannel, (text) => {
        const news: SessionNews = JSON.parse(text); // of this very module
        for (const each of listeners) each(news);
      });
    },
    async beat(server) {
      await connection.command('SET', keys.sessionServer(server), '1', 'PX', String(ALIVE_MS));
    },
    isAlive: async (server) => (await connection.command('EXISTS', keys.sessionServer(server))) === 1,
  };
}

/** A hash comes as an object, or as a list of names and values, by the version of Redis's protocol. */
function readFields(reply: Reply): Map<string, string> {
  if (!isList(reply))
    return new Map(Object.entries(reply ?? {}).map(([name, value]) => [name, String(value)]));
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < reply.length; at += 2) fields.set(String(reply[at]), String(reply[at + 1]));
  return fields;
}

function readEvent(entry: Reply): SessionEvent {
  const [id, fields] = isList(entry) ? entry : [];
  const known = readFields(fields ?? null);
  return {
    id: String(id),
    stream: known.get('s') ?? '',
    label: known.get('l') || undefined,
    message: known.get('m') ?? '{}',
  };
}
