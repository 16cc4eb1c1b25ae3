import { randomUUID } from 'node:crypto';
import { testRedisUrl } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { createMemorySessions } from './embedded/memory_sessions.ts';
import { RedisConnection } from './redis/connection.ts';
import { createKeys } from './redis/keys.ts';
import { createRedisSessions } from './redis/sessions.ts';
import { FIRST_EVENT, type SessionLimits, type SessionNews, type SessionStore } from './session_store.ts';

type Open = (limits?: Partial<SessionLimits>) => Promise<AsyncDisposable & { store: SessionStore }>;

const inMemory: Open = async (limits) => ({
  store: createMemorySessions(limits),
  [Symbol.asyncDispose]: async () => {},
});
const onRedis: Open = async (limits) => {
  const connection = await RedisConnection.open({ url: testRedisUrl ?? '' });
  const store = createRedisSessions(connection, createKeys(), limits);
  return { store, [Symbol.asyncDispose]: async () => connection.close() };
};
const stores: [string, Open][] = [
  ['in memory', inMemory],
  ...(testRedisUrl ? [['on Redis', onRedis] as [string, Open]] : []),
];

const SESSION = { initialize: '{}' };

describe.each(stores)('sessions %s', (_where, open) => {
  test('are found with what was said, and end', async () => {
    await using s = await open();
    const [id, caller] = [randomUUID(), randomUUID()];
    await s.store.create(id, { ...SESSION, caller });
    await s.store.subscribe(id, 'nessus://scans/a', 7);
    await s.store.subscribe(id, 'nessus://scans/b', 1);
    await s.store.subscribe(id, 'nessus://scans/b', undefined);
    expect(await s.store.find(id)).toEqual({
      ...{ caller, initialize: '{}', seen: FIRST_EVENT },
      subscriptions: ['nessus://scans/a'],
    });
    const news: SessionNews[] = [];
    await s.store.listen((each) => news.push(each));
    await s.store.end(id, caller);
    expect(await s.store.find(id)).toBeUndefined();
    expect(await s.store.touch(id, caller)).toBe(false);
    await expect.poll(() => news).toContainEqual({ session: id, ended: true });
  });

  test('tell of each state once, whoever sees it, and of none that is older', async () => {
    await using s = await open();
    const [id, uri] = [randomUUID(), 'nessus://scans/a'];
    await s.store.create(id, { ...SESSION, caller: randomUUID() });
    await s.store.subscribe(id, uri, 3);
    const tell = (revision: number): Promise<string | undefined> =>
      s.store.append(id, { stream: '', message: String(revision), change: { uri, revision } });
    const told = await Promise.all([3, 5, 5, 4, 6].map(tell));
    expect(told.filter((event) => event !== undefined)).toHaveLength(2);
    expect((await s.store.read(id, FIRST_EVENT)).events.map(({ message }) => message)).toEqual(['5', '6']);
    await s.store.subscribe(id, uri, undefined);
    expect(await tell(9)).toBeUndefined();
  });

  test('keep the last events, by number and by length, and say when some are missing', async () => {
    await using s = await open({ events: 3, length: 50 });
    const id = randomUUID();
    await s.store.create(id, { ...SESSION, caller: randomUUID() });
    const append = async (message: string): Promise<string> =>
      (await s.store.append(id, { stream: '', message })) ?? '';
    const ids = [await append('a'), await append('b'), await append('c')];
    expect(await s.store.read(id, ids[0] ?? '')).toMatchObject({ isIncomplete: false });
    await append('d');
    await append('e');
    const texts = async (after: string): Promise<unknown> => {
      const { events, isIncomplete } = await s.store.read(id, after);
      return [events.map(({ message }) => message), isIncomplete];
    };
    expect(await texts(ids[0] ?? '')).toEqual([['c', 'd', 'e'], true]);
    expect(await texts(ids[1] ?? '')).toEqual([['c', 'd', 'e'], false]);
    await append('x'.repeat(100));
    expect(await texts(ids[2] ?? '')).toEqual([['x'.repeat(100)], true]);
  });

  test('of one caller are bounded: his own least recently used ends', async () => {
    await using s = await open({ ofCaller: 2 });
    const [alice, bob] = [randomUUID(), randomUUID()];
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    const other = randomUUID();
    await s.store.create(other, { ...SESSION, caller: bob });
    for (const id of ids) {
      await s.store.create(id, { ...SESSION, caller: alice });
      await new Promise((resolve) => setTimeout(resolve, 2)); // the order of use has milliseconds
    }
    const found = await Promise.all(
      [other, ...ids].map(async (id) => (await s.store.find(id)) !== undefined),
    );
    expect(found).toEqual([true, false, true, true]);
  });
});
