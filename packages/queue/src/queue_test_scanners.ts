import { expect } from 'vitest';
import { LEASE, type QueueTest } from './queue_test_fixtures.ts';

/** Slots, circuits and drains of scanners. */
export function describeScanners(test: QueueTest): void {
  test('lets a probe through a circuit although the clock was set back an hour', async ({ t, pool }) => {
    const options = { failures: 1, openMs: 1000 };
    await t.queue.circuits.failed(pool, options);
    expect(await t.queue.circuits.allow(pool, options)).toBe(false);
    t.advance(-3_600_000);
    expect(await t.queue.circuits.allow(pool, options)).toBe(true);
    expect(await t.queue.circuits.allow(pool, options)).toBe(false);
  });

  test('knows which scanners are out of service', async ({ t, pool }) => {
    const scanner = `${pool}:scanner1`;
    expect(await t.queue.drains.set(scanner, true)).toBe(true);
    expect(await t.queue.drains.set(scanner, true)).toBe(false);
    expect(await t.queue.drains.list()).toContain(scanner);
    expect(await t.queue.drains.set(scanner, false)).toBe(true);
    expect(await t.queue.drains.set(scanner, false)).toBe(false);
    expect(await t.queue.drains.list()).not.toContain(scanner);
  });

  test('opens a circuit after failures in a row, and lets one probe through when its time is over', async ({
    t,
    pool,
  }) => {
    const { circuits } = t.queue;
    const [scanner, options] = [`${pool}:s1`, { failures: 3, openMs: 1000 }];
    const state = async (): Promise<string | undefined> => (await circuits.states([scanner]))[0]?.state;
    const fail = (): Promise<boolean> => circuits.failed(scanner, options, 'no route to host');
    expect([await fail(), await fail()]).toEqual([false, false]);
    await circuits.succeeded(scanner);
    expect([await fail(), await fail(), await state()]).toEqual([false, false, 'closed']);
    expect(await circuits.allow(scanner, options)).toBe(true);
    expect([await fail(), await state()]).toEqual([true, 'open']);
    expect((await circuits.states([scanner]))[0]?.reason).toBe('no route to host');
    expect(await circuits.allow(scanner, options)).toBe(false);
    t.advance(1001);
    expect(await state()).toBe('half-open');
    expect([await circuits.allow(scanner, options), await circuits.allow(scanner, options)]).toEqual([
      true,
      false,
    ]);
    expect([await fail(), await state(), await circuits.allow(scanner, options)]).toEqual([
      true,
      'open',
      false,
    ]);
    t.advance(1001);
    expect(await circuits.allow(scanner, options)).toBe(true);
    await circuits.succeeded(scanner);
    expect([await state(), await circuits.allow(scanner, options)]).toEqual(['closed', true]);
    expect(await circuits.states([scanner])).toEqual([{ scanner, state: 'closed' }]);
    await fail();
    await fail();
    t.advance(10_001);
    expect(await fail()).toBe(false); // failures long ago are no row of failures
  });

  test('holds a scanner to its number of slots', async ({ t, pool }) => {
    const { slots } = t.queue;
    const scanner = `${pool}:s1`;
    expect(await slots.acquire(scanner, 'a', 2, LEASE)).toBe(true);
    expect(await slots.acquire(scanner, 'b', 2, LEASE)).toBe(true);
    expect(await slots.acquire(scanner, 'c', 2, LEASE)).toBe(false);
    expect(await slots.acquire(scanner, 'a', 2, LEASE)).toBe(true);
    expect((await slots.usage([scanner, `${pool}:s2`])).map((u) => u.active)).toEqual([2, 0]);
    await slots.release(scanner, 'a');
    expect(await slots.acquire(scanner, 'c', 2, LEASE)).toBe(true);
    t.advance(LEASE + 1);
    expect((await slots.usage([scanner]))[0]?.active).toBe(0);
    expect(await slots.acquire(scanner, 'd', 2, LEASE)).toBe(true);
  });
}
