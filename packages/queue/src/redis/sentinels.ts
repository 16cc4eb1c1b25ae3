import { messageOf } from '@nmcp/types';
import { createClient, type RedisClientType } from 'redis';

/** Sentinels, and what they call the primary. */
export interface SentinelOptions {
  /** `host:port`, or `redis://user:password@host:port` for those that ask for a login. */
  sentinels: readonly string[];
  /** Name of the primary in their configuration. */
  name: string;
}

/** Milliseconds for one Sentinel to answer; there are others. */
const ANSWER_MS = 2000;

/**
 * Where the primary is, by the first Sentinel that knows it.
 *
 * @throws what each of them said, when none does
 */
export async function askSentinels({ sentinels, name }: SentinelOptions): Promise<string> {
  const answers: string[] = [];
  for (const sentinel of sentinels) {
    try {
      const address = await askOne(urlOf(sentinel), name);
      if (address !== undefined) return address;
      answers.push(`${hostOf(sentinel)} knows no primary of that name`);
    } catch (error) {
      answers.push(`${hostOf(sentinel)}: ${messageOf(error)}`);
    }
  }
  throw new Error(
    `no Sentinel of REDIS_SENTINELS says where ${JSON.stringify(name)} is: ${answers.join('; ')}`,
  );
}

async function askOne(url: string, name: string): Promise<string | undefined> {
  // the default client has no modules, so that its type is the plain one
  const client = createClient({
    url,
    socket: { connectTimeout: ANSWER_MS, socketTimeout: ANSWER_MS, reconnectStrategy: false },
  }) as unknown as RedisClientType;
  client.on('error', () => {}); // the command tells
  try {
    await client.connect();
    const answer = await client.sendCommand<unknown>(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
    if (!Array.isArray(answer)) return undefined;
    const [host, port] = answer.map(String);
    return host?.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

function urlOf(sentinel: string): string {
  return /^rediss?:\/\//.test(sentinel) ? sentinel : `redis://${sentinel}`;
}

/** Without a login. */
function hostOf(sentinel: string): string {
  return URL.canParse(urlOf(sentinel)) ? new URL(urlOf(sentinel)).host : 'an entry that is no address';
}
