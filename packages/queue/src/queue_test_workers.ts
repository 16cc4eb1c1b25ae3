import { expect } from 'vitest';
import type { QueueTest } from './queue_test_fixtures.ts';
import { countWorkers, WorkerPresence } from './worker_presence.ts';

/** Which workers there are. */
export function describeWorkers(test: QueueTest): void {
  test('counts the workers of a pool until they end, or say nothing any more', async ({ t, pool }) => {
    const { slots } = t.queue;
    const [a, b] = [new WorkerPresence(slots, 'a'), new WorkerPresence(slots, 'b')];
    const count = (): Promise<number[]> => countWorkers(slots, [pool, `${pool}_dmz`]);
    expect(await count()).toEqual([0, 0]);
    await a.say([pool]);
    await b.say([pool, `${pool}_dmz`]);
    expect(await count()).toEqual([2, 1]);
    await b.say([pool]);
    expect(await count()).toEqual([2, 0]);
    await a.end();
    expect(await count()).toEqual([1, 0]);
    t.advance(60_000);
    expect(await count()).toEqual([0, 0]);
  });
}
