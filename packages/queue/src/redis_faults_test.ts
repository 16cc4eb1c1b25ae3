import { connect, createServer, type Socket } from 'node:net';
import { findRedisServer, freePort, startRedis } from '@nmcp/test-support';
import { DEFAULT_POOL } from '@nmcp/types';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import { simpleEntry as entry } from './queue_test_fixtures.ts';
import { createRedisQueue } from './redis/create_redis_queue.ts';

const binary = findRedisServer();

async function admin(url: string, ...words: string[]): Promise<void> {
  const client = await createClient({ url }).connect();
  await client.sendCommand(words);
  client.destroy();
}

/** Tries until it succeeds, as a worker does. */
async function untilWorks<T>(action: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await action();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe.skipIf(binary === undefined)('a Redis', () => {
  test('that asks for a password says so, and takes the right one', async () => {
    const redis = await startRedis(binary ?? '', ['--requirepass', 'hunter2']);
    try {
      await expect(createRedisQueue({ url: redis.url })).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/NOAUTH|Authentication required/i),
      });
      const wrong = createRedisQueue({ url: redis.url.replace('//', '//:hunter3@') });
      await expect(wrong).rejects.toMatchObject({ message: expect.stringMatching(/WRONGPASS|invalid/i) });
      await expect(wrong).rejects.toSatisfy((error) => !/hunter/.test(String(error)));
      await using queue = await createRedisQueue({ url: redis.url.replace('//', '//:hunter2@') });
      await expect(queue.enqueue(entry())).resolves.toMatchObject({ kind: 'enqueued' });
    } finally {
      await redis.stop();
    }
  });

  test('that is read-only refuses a task with the reason, and takes it when it is well again', async () => {
    const redis = await startRedis(binary ?? '');
    try {
      await using queue = await createRedisQueue({ url: redis.url });
      await admin(redis.url, 'REPLICAOF', '127.0.0.1', String(await freePort()));
      await expect(queue.enqueue(entry())).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/READONLY|MASTERDOWN/),
      });
      await admin(redis.url, 'REPLICAOF', 'NO', 'ONE');
      await expect(queue.enqueue(entry())).resolves.toEqual({ kind: 'enqueued', depth: 1 });
    } finally {
      await redis.stop();
    }
  });

  test('that is out of memory refuses a task with the reason, and lets what it has be finished', async () => {
    const redis = await startRedis(binary ?? '');
    try {
      await using queue = await createRedisQueue({ url: redis.url });
      await queue.enqueue(entry());
      const claim = await queue.claim([DEFAULT_POOL], { consumer: 'w', leaseMs: 60_000 });
      await admin(redis.url, 'CONFIG', 'SET', 'maxmemory', '1');
      await expect(queue.enqueue(entry())).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/OOM/),
      });
      await admin(redis.url, 'CONFIG', 'SET', 'maxmemory', '0');
      expect(claim && (await queue.complete(claim))).toBe(true);
      expect(await queue.inFlight(DEFAULT_POOL)).toBe(0);
    } finally {
      await redis.stop();
    }
  });

  test('that goes away and comes back is connected to again, and a consumer that waits is woken', async () => {
    const redis = await startRedis(binary ?? '', ['--appendonly', 'yes']);
    const { port } = new URL(redis.url);
    const proxy = await startProxy(Number(port));
    try {
      await using queue = await createRedisQueue({ url: proxy.url });
      await using producer = await createRedisQueue({ url: redis.url });
      const options = { consumer: 'w', leaseMs: 60_000, waitMs: 30_000 };
      const waiting = untilWorks(() => queue.claim([DEFAULT_POOL], options));
      await new Promise((resolve) => setTimeout(resolve, 50));
      proxy.cut();
      await producer.enqueue(entry());
      expect(await waiting).toBeDefined();
    } finally {
      await proxy.close();
      await redis.stop();
    }
  });

  test('whose connection is half open is noticed, and connected to anew', async () => {
    const redis = await startRedis(binary ?? '');
    const proxy = await startProxy(Number(new URL(redis.url).port));
    try {
      await using queue = await createRedisQueue({ url: proxy.url, silenceMs: 200 });
      await queue.ping();
      proxy.mute();
      await expect(queue.enqueue(entry())).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/no answer for 200 ms/),
      });
      await untilWorks(() => queue.enqueue(entry()));
      expect(await queue.depth(DEFAULT_POOL)).toBe(1);
    } finally {
      await proxy.close();
      await redis.stop();
    }
  });

  test('that accepts a connection and stays silent is connected to again', async () => {
    const redis = await startRedis(binary ?? '');
    const proxy = await startProxy(Number(new URL(redis.url).port));
    try {
      await using queue = await createRedisQueue({ url: proxy.url, silenceMs: 200 });
      await queue.ping();
      proxy.silence(2);
      proxy.cut();
      await untilWorks(() => queue.enqueue(entry()));
      expect(proxy.silenced()).toBe(2);
    } finally {
      await proxy.close();
      await redis.stop();
    }
  });

  test('that stays silent from the beginning is told as unavailable', async () => {
    const redis = await startRedis(binary ?? '');
    const proxy = await startProxy(Number(new URL(redis.url).port));
    try {
      proxy.silence(1);
      await expect(createRedisQueue({ url: proxy.url, silenceMs: 200 })).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/no answer for 200 ms/),
      });
    } finally {
      await proxy.close();
      await redis.stop();
    }
  });

  test('that became a replica is left for the one that took over behind its address', async () => {
    const [old, next] = [await startRedis(binary ?? ''), await startRedis(binary ?? '')];
    const proxy = await startProxy(Number(new URL(old.url).port));
    try {
      await using queue = await createRedisQueue({ url: proxy.url });
      await queue.ping();
      const nextPort = Number(new URL(next.url).port);
      proxy.leadTo(nextPort);
      await admin(old.url, 'REPLICAOF', '127.0.0.1', String(await freePort()));
      await expect(queue.enqueue(entry())).rejects.toMatchObject({ code: 'unavailable' });
      const options = { consumer: 'w', leaseMs: 60_000, waitMs: 30_000 };
      const waiting = untilWorks(() => queue.claim([DEFAULT_POOL], options));
      await untilWorks(() => queue.enqueue(entry()));
      expect(await waiting).toBeDefined();
    } finally {
      await proxy.close();
      await Promise.all([old.stop(), next.stop()]);
    }
  });
});

interface Proxy {
  url: string;
  /** Ends all connections. */
  cut(): void;
  /** Those connections that stand neither pass anything on nor end; new ones work. */
  mute(): void;
  /** The next so many connections are accepted, and get no answer. */
  silence(count: number): void;
  /** How many got none. */
  silenced(): number;
  /** New connections lead to another port. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

async function startProxy(target: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let [port, toSilence, silenced] = [target, 0, 0];
  const server = createServer((inner) => {
    if (silenced < toSilence) {
      silenced++;
      sockets.add(inner.on('error', () => {}));
      return;
    }
    const outer = connect(port, '127.0.0.1');
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        if (!socket.listenerCount('data')) return;
        inner.destroy();
        outer.destroy();
      });
    }
    inner.on('data', (chunk) => outer.write(chunk));
    outer.on('data', (chunk) => inner.write(chunk));
  });
  const own = await freePort();
  await new Promise<void>((resolve) => server.listen(own, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${own}`,
    cut,
    silence(count) {
      [toSilence, silenced] = [count, 0];
    },
    silenced: () => silenced,
    leadTo(next) {
      port = next;
    },
    mute() {
      for (const socket of sockets) {
        socket.removeAllListeners('data');
        socket.resume();
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
