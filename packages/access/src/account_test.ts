import type { SharedUse, Use } from '@nmcp/types';
import { describe, expect, test, vi } from 'vitest';
import { Account, type Caller, LOCAL_CALLER } from './mod.ts';

const ALICE: Caller = { name: 'alice', scopes: ['read'] };
const BOB: Caller = { name: 'bob', scopes: ['read'] };
const REFUSED = { code: 'too_many_requests', status: 429 };

describe('an account', () => {
  test('counts cost by the minute, each caller for himself', async () => {
    let now = 30_000;
    using account = new Account({ limits: { callsPerMinute: 10 }, clock: () => now });
    await account.charge(ALICE, 9);
    await account.charge(ALICE, 5); // there was room when it began
    await expect(account.charge(ALICE)).rejects.toMatchObject({
      ...REFUSED,
      details: { retry_after_seconds: 30 },
    });
    await account.charge(BOB);
    now += 60_000;
    await account.charge(ALICE);
  });

  test('lets a quarter of a minute come at once, and the rest with time', async () => {
    let now = 0;
    using account = new Account({ limits: { callsPerMinute: 1200 }, clock: () => now });
    for (let i = 0; i < 300; i++) await account.charge(ALICE);
    await expect(account.charge(ALICE)).rejects.toMatchObject({ details: { retry_after_seconds: 1 } });
    now += 1000;
    for (let i = 0; i < 20; i++) await account.charge(ALICE);
    await expect(account.charge(ALICE)).rejects.toMatchObject(REFUSED);
  });

  test('of the local user has no limits', async () => {
    using account = new Account({ limits: { callsPerMinute: 1, streams: 1 }, clock: Date.now });
    for (let i = 0; i < 3; i++) await account.charge(LOCAL_CALLER);
    for (let i = 0; i < 3; i++) account.open(LOCAL_CALLER, 'streams');
  });

  test('0 calls per minute means unlimited', async () => {
    using account = new Account({ limits: { callsPerMinute: 0 }, clock: Date.now });
    for (let i = 0; i < 5; i++) await account.charge(ALICE, 1000);
  });

  test('gives back what was open, once', () => {
    using account = new Account({ limits: { streams: 2, concurrentCalls: 1 }, clock: Date.now });
    const first = account.open(ALICE, 'streams');
    account.open(ALICE, 'streams');
    account.open(ALICE, 'calls');
    expect(() => account.open(ALICE, 'streams')).toThrow('You have 2 open streams; close one');
    expect(() => account.open(ALICE, 'calls')).toThrow('1 of your calls are in progress');
    account.open(BOB, 'streams');
    first();
    first();
    account.open(ALICE, 'streams');
    expect(() => account.open(ALICE, 'streams')).toThrow();
  });

  test('knows what is open over the end of a minute', async () => {
    let now = 0;
    using account = new Account({ limits: { streams: 1 }, clock: () => now });
    account.open(ALICE, 'streams');
    now += 61_000;
    await account.charge(BOB);
    expect(() => account.open(ALICE, 'streams')).toThrow();
  });

  test('holds large answers until they are read', () => {
    using account = new Account({ clock: Date.now });
    const sink = { closed: false, writableLength: 1 };
    const MB = 1024 * 1024;
    account.hold(ALICE, 30 * MB, sink);
    expect(() => account.hold(ALICE, 3 * MB, sink)).toThrow('read them first');
    account.hold(BOB, 30 * MB, sink);
    account.hold({ ...BOB, name: 'carol' }, 30 * MB, sink);
    expect(() => account.hold({ ...BOB, name: 'dave' }, 30 * MB, sink)).toThrow('Many large answers');
    sink.closed = true;
    account.hold(ALICE, 30 * MB, sink);
  });
});

describe('an account over several servers', () => {
  /** The shared store, as Redis is. */
  function store(): SharedUse & { isAway: boolean } {
    const said = new Map<string, Use>();
    return {
      isAway: false,
      async exchange(caller, server, own) {
        if (this.isAway) throw new Error('away');
        said.set(`${caller}/${server}`, own);
        const others = [...said].filter(
          ([key]) => key.startsWith(`${caller}/`) && key !== `${caller}/${server}`,
        );
        return others.reduce(
          (sum, [, use]) => ({
            spent: sum.spent + use.spent,
            calls: sum.calls + use.calls,
            streams: sum.streams + use.streams,
          }),
          { spent: 0, calls: 0, streams: 0 },
        );
      },
    };
  }

  test('is one account, and each counts alone while the store is away', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'performance'] });
    try {
      const shared = store();
      const limits = { callsPerMinute: 4, streams: 2 };
      using a = new Account({ limits, clock: () => 0, shared, server: 'a' });
      using b = new Account({ limits, clock: () => 0, shared, server: 'b' });
      for (let i = 0; i < 3; i++) await a.charge(ALICE);
      a.open(ALICE, 'streams');
      await vi.advanceTimersByTimeAsync(300);
      await b.charge(ALICE);
      b.open(ALICE, 'streams');
      expect(() => b.open(ALICE, 'streams')).toThrow();
      await expect(b.charge(ALICE)).rejects.toMatchObject(REFUSED);
      await vi.advanceTimersByTimeAsync(300);
      await expect(a.charge(ALICE)).rejects.toMatchObject(REFUSED);
      shared.isAway = true;
      await vi.advanceTimersByTimeAsync(300);
      await a.charge(ALICE); // 3 of its own
      await expect(a.charge(ALICE)).rejects.toMatchObject(REFUSED);
    } finally {
      vi.useRealTimers();
    }
  });
});
