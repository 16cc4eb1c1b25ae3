import { expect } from 'vitest';
import { LEASE, type QueueTest } from './queue_test_fixtures.ts';

/** What cannot be run, and why. */
export function describeDeadLetters(test: QueueTest): void {
  test('records every attempt in the dead letter', async ({ t, pool, enqueue, claimed }) => {
    await enqueue(1);
    await claimed();
    t.advance(LEASE + 1);
    await claimed();
    t.advance(LEASE + 1);
    expect(await t.queue.fail(await claimed(), 'gave up')).toBe(true);
    const [letter] = await t.queue.deadLetters(pool, 1);
    expect(letter?.attempts?.map(({ error }) => error)).toEqual([
      'The lease ran out',
      'The lease ran out',
      'gave up',
    ]);
    const [id] = await enqueue(1);
    expect((await claimed()).entry.task_id).toBe(id);
  });

  test('moves entries that are no task to the dead letters and goes on', async ({
    t,
    pool,
    entry,
    enqueue,
    claimed,
  }) => {
    await t.pushRaw(pool, 'not json');
    await t.pushRaw(pool, '{"task_id":"../../etc/passwd","trace_id":"t"}');
    await t.pushRaw(pool, '[]');
    await t.pushRaw(pool, '{"task_id":"nessus\\nb-1","trace_id":"t"}');
    await t.pushRaw(pool, JSON.stringify(entry()).slice(0, -20)); // with its id, yet cut
    const [id] = await enqueue(1);
    expect((await claimed()).entry.task_id).toBe(id);
    const dead = await t.queue.deadLetters(pool, 10);
    expect(dead).toHaveLength(5);
    expect(await t.queue.inFlight(pool)).toBe(1);
    expect(dead.map((d) => d.error).join()).toMatch(/not JSON|no task_id/);
    expect(dead.map((d) => d.entry.raw)).toContain('not json');
  });

  test('an entry with two ids ends, under whichever id it was claimed', async ({
    t,
    pool,
    entry,
    claimed,
  }) => {
    const { task_id, ...rest } = entry();
    await t.pushRaw(pool, JSON.stringify({ task_id, ...rest }).replace('}', `},"task_id":"${task_id}-2"`));
    const claim = await claimed().catch(() => undefined);
    if (claim) expect(await t.queue.complete(claim)).toBe(true);
    expect(await t.queue.inFlight(pool)).toBe(0);
    expect(await t.queue.depth(pool)).toBe(0);
  });

  test('keeps failed tasks with their reason', async ({ t, pool, enqueue, claimed }) => {
    const [id] = await enqueue(1);
    expect(await t.queue.fail(await claimed(), 'scanner is gone')).toBe(true);
    expect(await t.queue.deadLetterCount(pool)).toBe(1);
    const [letter] = await t.queue.deadLetters(pool, 5);
    expect(letter).toMatchObject({ id, error: 'scanner is gone', scanner_pool: pool });
    expect(letter?.entry).toMatchObject({ task_id: id, payload: { targets: '10.0.0.1' } });
    expect(await t.queue.removeDeadLetter(pool, 'nessus-none-1')).toBe(false);
    expect(await t.queue.removeDeadLetter(pool, id ?? '')).toBe(true);
    expect(await t.queue.purgeDeadLetters(pool)).toBe(0);
  });
}
