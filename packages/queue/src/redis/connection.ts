import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf, NmcpError } from '@nmcp/types';
import { ErrorReply } from 'redis';
import { createLink, type Link, type LinkOptions, type Reply } from './link.ts';

/** Names of the files in `scripts/`. */
export type ScriptName =
  | 'enqueue'
  | 'work'
  | 'renew'
  | 'excuse'
  | 'remove'
  | 'rewrite'
  | 'settle'
  | 'acquire_slot'
  | 'slot_usage'
  | 'circuit'
  | 'session_event'
  | 'use';

interface Script {
  source: string;
  sha: string;
}

/** The sources are published beside the compiled files. */
function loadScript(name: ScriptName): Script {
  const source = readFileSync(new URL(`../../src/redis/scripts/${name}.lua`, import.meta.url), 'utf8');
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Options of {@linkcode RedisConnection}. */
export interface ConnectionOptions extends LinkOptions {
  /** Milliseconds without any answer, while one is due, after which the connection counts as dead. @default 5000 */
  silenceMs?: number | undefined;
}

/** Default of `silenceMs`. */
const SILENCE_MS = 5000;

type Listener = (message: string) => void;

/** What a server answers that another one has taken over from: a new connection to the same address may lead there. */
const NOT_THE_PRIMARY = /\bREADONLY\b/;

/**
 * A connection that reconnects by itself and a second one that listens for wake-ups. Every step has a deadline: a connection
 * whose other side is gone without a word (a cable, a firewall) would take commands for a quarter of an hour, and one that is
 * accepted by something that then stays silent would be waited for for ever. So it is replaced as soon as answers stay out,
 * when it has not come back after as long, and when its server says that it is no longer the one that is written to.
 */
export class RedisConnection {
  readonly #options: ConnectionOptions;
  readonly #address: string;
  readonly #scripts = new Map<ScriptName, Script>();
  readonly #watchdog: ReturnType<typeof setInterval>;
  readonly #silenceMs: number;
  #link: Link;
  readonly #subscriptions = new Map<string, Listener>();
  #lastHeard = 0;
  /** Since when every command failed for want of a connection. */
  #failingSince: number | undefined;
  #isReplacing = false;
  #isClosed = false;
  #placeAskedAt = performance.now();
  /** How to end each command that waits for its answer. */
  readonly #waiting = new Set<(error: Error) => void>();

  private constructor(options: ConnectionOptions, address: string, link: Link) {
    this.#options = options;
    this.#address = address;
    this.#link = link;
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
    this.#watchdog = setInterval(() => this.#watch(), this.#silenceMs / 5);
    this.#watchdog.unref();
  }

  /** @throws {NmcpError} `unavailable` when the server does not answer, `invalid_config` when the URL is none. */
  static async open(options: ConnectionOptions): Promise<RedisConnection> {
    const address = describeUrl(options.url) + (options.sentinels ? ', as its Sentinels name it' : '');
    const link = createLink(options);
    try {
      await within(options.silenceMs ?? SILENCE_MS, link.connect());
    } catch (error) {
      link.destroy();
      throw unavailable(address, error);
    }
    return new RedisConnection(options, address, link);
  }

  /** Runs a command. */
  async command(...words: string[]): Promise<Reply> {
    try {
      return await this.#send(words);
    } catch (error) {
      throw unavailable(this.#address, error);
    }
  }

  /** Runs a script by its SHA, and sends its source where the server does not know it. */
  async script(name: ScriptName, keys: readonly string[], args: readonly string[]): Promise<Reply> {
    const script = this.#scripts.get(name) ?? loadScript(name);
    this.#scripts.set(name, script);
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#send(['EVALSHA', script.sha, ...rest]);
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw unavailable(this.#address, error);
    }
    return await this.command('EVAL', script.source, ...rest);
  }

  /** Whether {@linkcode subscribe} was called for a channel. */
  isSubscribed(channel: string): boolean {
    return this.#subscriptions.has(channel);
  }

  /** Calls a listener for each message of a channel; the first call opens the second connection. */
  async subscribe(channel: string, listener: Listener): Promise<void> {
    if (this.#subscriptions.has(channel)) return;
    this.#subscriptions.set(channel, listener);
    try {
      await within(this.#silenceMs, this.#link.subscribe(channel, listener));
    } catch (error) {
      this.#subscriptions.delete(channel);
      throw unavailable(this.#address, error);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#watchdog);
    this.#link.destroy();
  }

  #send(words: string[]): Promise<Reply> {
    if (this.#waiting.size === 0) this.#lastHeard = performance.now();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(reject);
        this.#lastHeard = performance.now();
      };
      this.#waiting.add(reject);
      this.#link.send(words).then(
        (reply) => {
          end();
          this.#failingSince = undefined;
          resolve(reply);
        },
        (error: unknown) => {
          end();
          this.#noteFailure(error);
          reject(error);
        },
      );
    });
  }

  #noteFailure(error: unknown): void {
    if (!(error instanceof ErrorReply)) {
      this.#failingSince ??= performance.now();
      return;
    }
    this.#failingSince = undefined;
    // what it can still answer it answers meanwhile
    if (NOT_THE_PRIMARY.test(error.message)) void this.#replace();
  }

  #watch(): void {
    const now = performance.now();
    if (this.#failingSince !== undefined && now - this.#failingSince > this.#silenceMs) {
      this.#failingSince = now;
      void this.#replace();
    }
    if (this.#options.sentinels && now - this.#placeAskedAt > this.#silenceMs) {
      this.#placeAskedAt = now;
      void this.#followPrimary();
    }
    if (this.#waiting.size === 0 || now - this.#lastHeard < this.#silenceMs) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#link.destroy(); // until there is another, commands find no connection and say so
    for (const reject of waiting)
      reject(new Error(`no answer for ${this.#silenceMs} ms, so the connection is made anew`));
    void this.#replace();
  }

  /** A primary that was cut off from the others goes on answering, and what it is told is lost when it comes back. */
  async #followPrimary(): Promise<void> {
    const isRight = await this.#link.isRightPlace().catch(() => true); // nobody says otherwise
    if (!isRight) await this.#replace();
  }

  /** Connects anew, again and again until it succeeds; the connection that there was serves until then as far as it can. */
  async #replace(): Promise<void> {
    if (this.#isReplacing) return;
    this.#isReplacing = true;
    while (!this.#isClosed) {
      const link = createLink(this.#options);
      try {
        await within(this.#silenceMs, this.#standUp(link));
        const before = this.#link;
        this.#link = link;
        if (this.#isClosed) link.destroy();
        else void this.#retire(before);
        break;
      } catch {
        link.destroy();
        await new Promise((resolve) => setTimeout(resolve, this.#silenceMs / 5).unref());
      }
    }
    this.#isReplacing = false;
  }

  async #retire(link: Link): Promise<void> {
    try {
      await within(this.#silenceMs, link.retire());
    } catch {
      // it waits for answers that do not come
      try {
        link.destroy();
      } catch {
        // nodes of a cluster that had ended by themselves
      }
    }
  }

  async #standUp(link: Link): Promise<void> {
    await link.connect();
    for (const [channel, listener] of this.#subscriptions) await link.subscribe(channel, listener);
  }
}

/** @throws when it takes longer */
async function within<T>(ms: number, action: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([action, late]);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(address: string, cause: unknown): NmcpError {
  const reason = messageOf(cause) || String(cause);
  const text = cause instanceof AggregateError ? cause.errors.map(messageOf).join(', ') : reason;
  return new NmcpError('unavailable', `Redis at ${address}: ${text}`, { title: 'Queue unavailable', cause });
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
