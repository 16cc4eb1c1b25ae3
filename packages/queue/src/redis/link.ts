import {
  createClient,
  createCluster,
  type RedisClientOptions,
  type RedisClientType,
  type RedisClusterType,
} from 'redis';
import { askSentinels } from './sentinels.ts';

/** What a script or a command answers. */
export type Reply = string | number | null | readonly Reply[];

/** The library's client of one server, or of a cluster, as far as it is used. */
export interface Link {
  connect(): Promise<void>;
  send(words: string[]): Promise<Reply>;
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  /** Ends it at once: what waits for its answer fails. */
  destroy(): void;
  /** Ends it when everything that was sent has its answer. */
  retire(): Promise<void>;
  /** Whether it leads to where the server is now: after a failover it may not. */
  isRightPlace(): Promise<boolean>;
}

/** Where the server is, and whether it is one of a cluster. */
export interface LinkOptions {
  url: string;
  /** Hash tag of all keys; given, the server is a node of a cluster. */
  clusterTag?: string | undefined;
  /** Given, they are asked where the server is, and the host of the URL is what they call it. */
  sentinels?: readonly string[] | undefined;
}

const PING_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5000;
const MAX_BACK_OFF_MS = 3000;

/** A connection to one server, or to all nodes of its cluster, that comes back by itself once it stood. */
export function createLink({ url, clusterTag, sentinels }: LinkOptions): Link {
  const state = { stood: false };
  // a connection that is being made is no part of the library's client yet, so that it would outlive it
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const options: RedisClientOptions = {
    disableOfflineQueue: true,
    pingInterval: PING_MS,
    commandOptions: { timeout: 0 }, // a timer for each command; answers that stay out are RedisConnection's matter
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      signal: ended.signal,
      reconnectStrategy: (retries, cause) =>
        state.stood ? Math.min(50 * 2 ** retries, MAX_BACK_OFF_MS) : cause,
    },
  };
  const link =
    sentinels !== undefined
      ? toPrimary(url, sentinels, options)
      : clusterTag === undefined
        ? toServer(url, options)
        : toCluster(url, clusterTag, options);
  return {
    ...link,
    async connect() {
      await link.connect();
      state.stood = true;
    },
    destroy() {
      try {
        link.destroy();
      } finally {
        end();
      }
    },
    async retire() {
      await link.retire();
      end();
    },
  };
}

/** The server that Sentinels name, if it says itself that it is the primary: they learn of a failover one by one. */
function toPrimary(url: string, sentinels: readonly string[], options: RedisClientOptions): Link {
  const name = new URL(url).hostname;
  let place = '';
  let link: Link | undefined;
  const opened = (): Link => {
    if (!link) throw new Error('not connected');
    return link;
  };
  return {
    async connect() {
      place = await askSentinels({ sentinels, name });
      const there = new URL(url);
      there.host = place;
      link = toServer(there.href, options);
      await link.connect();
      const role = await link.send(['ROLE']);
      if (!Array.isArray(role) || role[0] !== 'master') throw new Error(`${place} is no primary any longer`);
    },
    send: async (words) => await opened().send(words),
    subscribe: async (channel, listener) => await opened().subscribe(channel, listener),
    destroy: () => link?.destroy(),
    retire: async () => await link?.retire(),
    isRightPlace: async () => (await askSentinels({ sentinels, name })) === place,
  };
}

function toServer(url: string, options: RedisClientOptions): Link {
  // the default client has no modules, so that its type is the plain one
  const client = createClient({ ...options, url }) as unknown as RedisClientType;
  client.on('error', () => {}); // each command tells its own failure
  let subscriber: RedisClientType | undefined;
  return {
    async connect() {
      await client.connect();
    },
    send: (words) => client.sendCommand<Reply>(words),
    async subscribe(channel, listener) {
      // duplicate() keeps the options, and with them the plain type
      if (!subscriber) {
        subscriber = client.duplicate({ disableOfflineQueue: false }) as unknown as RedisClientType;
        subscriber.on('error', () => {}); // it reconnects; until then the poll finds what came
        await subscriber.connect();
      }
      await subscriber.subscribe(channel, listener);
    },
    destroy() {
      if (subscriber?.isOpen) subscriber.destroy();
      if (client.isOpen) client.destroy();
    },
    async retire() {
      if (subscriber?.isOpen) subscriber.destroy();
      if (client.isOpen) await client.close().catch(() => {}); // it had ended by itself
    },
    isRightPlace: async () => true,
  };
}

function toCluster(url: string, tag: string, options: RedisClientOptions): Link {
  const { username, password, protocol } = new URL(url);
  // nodes that are discovered get nothing of the URL but what is said here
  const defaults: RedisClientOptions = {
    ...options,
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(protocol === 'rediss:' ? { socket: { ...options.socket, tls: true } } : {}),
  } as RedisClientOptions; // the options of sockets with and without TLS are two types
  const cluster = createCluster({ rootNodes: [{ url }], defaults }) as unknown as RedisClusterType;
  cluster.on('error', () => {});
  return {
    async connect() {
      await cluster.connect();
    },
    send: (words) => cluster.sendCommand<Reply>(`{${tag}}`, false, words), // all keys are in its slot
    subscribe: (channel, listener) => cluster.subscribe(channel, listener),
    destroy: () => cluster.destroy(),
    retire: async () => await cluster.close().catch(() => {}), // see above
    isRightPlace: async () => true, // the library follows it
  };
}
