import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf, NmcpError } from '@nmcp/types';
import { createClient, type RedisClientType } from 'redis';

/** Names of the files in `scripts/`. */
export type ScriptName = 'enqueue' | 'work' | 'renew' | 'settle' | 'cancel' | 'acquire_slot' | 'circuit';

/** What a script or a command answers. */
export type Reply = string | number | null | readonly Reply[];

interface Script {
  source: string;
  sha: string;
}

/** The sources are published beside the compiled files. */
function loadScript(name: ScriptName): Script {
  const source = readFileSync(new URL(`../../src/redis/scripts/${name}.lua`, import.meta.url), 'utf8');
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** A connection that reconnects by itself and a second one that listens for wake-ups. */
export class RedisConnection {
  readonly #client: RedisClientType;
  readonly #address: string;
  readonly #scripts = new Map<ScriptName, Script>();
  #subscriber: RedisClientType | undefined;

  private constructor(client: RedisClientType, address: string) {
    this.#client = client;
    this.#address = address;
  }

  /** @throws {NmcpError} `unavailable` when the server does not answer, `invalid_config` when the URL is none. */
  static async open(url: string): Promise<RedisConnection> {
    const address = describeUrl(url);
    const state = { opened: false };
    // The default client has no modules, so that its type is the plain one
    const client = createClient({
      url,
      disableOfflineQueue: true,
      pingInterval: 15_000,
      socket: {
        connectTimeout: 5000,
        reconnectStrategy: (retries, cause) => (state.opened ? Math.min(50 * 2 ** retries, 3000) : cause),
      },
    }) as unknown as RedisClientType;
    const connection = new RedisConnection(client, address);
    client.on('error', () => {}); // each command tells its own failure
    try {
      await client.connect();
    } catch (error) {
      throw connection.#unavailable(error);
    }
    state.opened = true;
    return connection;
  }

  /** Runs a command. */
  async command(...words: string[]): Promise<Reply> {
    try {
      return await this.#client.sendCommand<Reply>(words);
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  /** Runs a script by its SHA, and sends its source where the server does not know it. */
  async script(name: ScriptName, keys: readonly string[], args: readonly string[]): Promise<Reply> {
    const script = this.#scripts.get(name) ?? loadScript(name);
    this.#scripts.set(name, script);
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#client.sendCommand<Reply>(['EVALSHA', script.sha, ...rest]);
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw this.#unavailable(error);
    }
    return await this.command('EVAL', script.source, ...rest);
  }

  /** Calls a listener for each message of a channel; the first call opens the second connection. */
  async subscribe(channel: string, listener: () => void): Promise<void> {
    if (this.#subscriber) return;
    // duplicate() keeps the options, and with them the plain type
    const subscriber = this.#client.duplicate({ disableOfflineQueue: false }) as unknown as RedisClientType;
    this.#subscriber = subscriber;
    subscriber.on('error', () => {}); // it reconnects; until then the poll finds what came
    await subscriber.connect().catch((error: unknown) => {
      throw this.#unavailable(error);
    });
    await subscriber.subscribe(channel, listener);
  }

  close(): void {
    this.#subscriber?.destroy();
    this.#client.destroy();
  }

  #unavailable(cause: unknown): NmcpError {
    const reason = messageOf(cause) || String(cause);
    const text = cause instanceof AggregateError ? cause.errors.map(messageOf).join(', ') : reason;
    return new NmcpError('unavailable', `Redis at ${this.#address}: ${text}`, {
      title: 'Queue unavailable',
      cause,
    });
  }
}

/** Host, port and database of a URL, without its password. */
function describeUrl(url: string): string {
  try {
    const { protocol, hostname, port, pathname } = new URL(url);
    if (protocol !== 'redis:' && protocol !== 'rediss:') throw new Error(protocol);
    return `${hostname || 'localhost'}:${port || 6379}${pathname.length > 1 ? ` database ${pathname.slice(1)}` : ''}`;
  } catch {
    throw new NmcpError(
      'invalid_config',
      'REDIS_URL is not a Redis URL; expected one such as redis://localhost:6379',
    );
  }
}
