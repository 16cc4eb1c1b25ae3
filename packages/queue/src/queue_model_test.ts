import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testRedisUrl } from '@nmcp/test-support';
import { newTaskId, newTraceId, type PoolName, type QueueEntry } from '@nmcp/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEmbeddedQueue } from './embedded/create_embedded_queue.ts';
import { createRedisQueue } from './redis/create_redis_queue.ts';
import type { Claim, TaskQueue } from './task_queue.ts';

/** What a queue must be like, as plain data. */
interface Model {
  now: number;
  /** Next to be taken first. */
  waiting: string[];
  claimed: Map<string, { fence: number; expires: number; consumer: string }>;
  attempts: Map<string, string[]>;
  dead: { id: string; error: string; attempts: number }[];
  keys: Map<string, { id: string; hash: string }>;
  lastFence: number;
  steps: number;
}

interface Real {
  queue: TaskQueue;
  pool: PoolName;
  setNow(now: number): void;
  entries: Map<string, QueueEntry>;
  /** Every claim ever made, stale ones too. */
  claims: Claim[];
}

type Command = fc.AsyncCommand<Model, Real>;

/** A command that may always run. Each takes a millisecond, so that no two leases end at once. */
function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    toString: () => name,
    async run(model, real) {
      model.steps++;
      model.now++;
      real.setNow(model.now);
      await run(model, real);
      expect(await real.queue.depth(real.pool)).toBe(model.waiting.length);
      expect(await real.queue.inFlight(real.pool)).toBe(model.claimed.size);
      expect(await real.queue.deadLetterCount(real.pool)).toBe(model.dead.length);
      expect(await real.queue.taskIds(real.pool)).toEqual(
        new Set([...model.waiting, ...model.claimed.keys()]),
      );
    },
  };
}

/** Leases that ran out: the tasks wait again, the one whose lease ended first in front. */
function reap(model: Model, leaseMs: number): void {
  // a lease that ends later than any was given begins anew: the clock was set back
  for (const held of model.claimed.values())
    if (held.expires > model.now + Math.max(10 * leaseMs, 600_000)) held.expires = model.now + leaseMs;
  const expired = [...model.claimed]
    .filter(([, { expires }]) => expires <= model.now)
    .sort(([idA, a], [idB, b]) => a.expires - b.expires || (idA < idB ? -1 : 1));
  for (const [id, { consumer }] of expired) {
    model.claimed.delete(id);
    model.attempts.set(id, [...(model.attempts.get(id) ?? []), consumer]);
  }
  model.waiting.unshift(...expired.map(([id]) => id));
}

const enqueue = (key: string | undefined, hash: string): Command =>
  command(`enqueue(${key ?? ''}/${hash})`, async (model, { queue, pool, entries }) => {
    const entry: QueueEntry = {
      task_id: newTaskId('nessus'),
      trace_id: newTraceId(),
      scan_type: 'untrusted',
      scanner_pool: pool,
      payload: { n: model.steps },
    };
    const outcome = await queue.enqueue(
      entry,
      key === undefined ? {} : { idempotency: { key: `${pool}-${key}`, requestHash: hash } },
    );
    const known = key === undefined ? undefined : model.keys.get(key);
    if (known) {
      expect(outcome).toEqual({ kind: known.hash === hash ? 'duplicate' : 'conflict', taskId: known.id });
      return;
    }
    entries.set(entry.task_id, entry);
    model.waiting.push(entry.task_id);
    if (key !== undefined) model.keys.set(key, { id: entry.task_id, hash });
    expect(outcome).toEqual({ kind: 'enqueued', depth: model.waiting.length });
  });

const claim = (consumer: string, lease: number): Command =>
  command(`claim(${consumer}, ${lease})`, async (model, { queue, pool, entries, claims }) => {
    const leaseMs = lease * 10_000 + model.steps; // no two the same
    const taken = await queue.claim([pool], { consumer, leaseMs });
    reap(model, leaseMs);
    const id = model.waiting.shift();
    expect(taken?.entry.task_id).toBe(id);
    if (!taken || id === undefined) return;
    expect(taken.entry).toEqual(entries.get(id));
    expect(taken.attempts.map((attempt) => attempt.consumer)).toEqual(model.attempts.get(id) ?? []);
    expect(taken.fence).toBeGreaterThan(model.lastFence);
    model.lastFence = taken.fence;
    model.claimed.set(id, { fence: taken.fence, expires: model.now + leaseMs, consumer });
    claims.push(taken);
  });

/** Something done with one of all claims ever made; a stale one must change nothing. */
const withClaim = (
  name: string,
  pick: number,
  act: (queue: TaskQueue, claim: Claim) => Promise<boolean>,
  then: (model: Model, id: string) => void,
): Command =>
  command(`${name}(${pick})`, async (model, { queue, claims }) => {
    const chosen = claims[pick % Math.max(1, claims.length)];
    if (!chosen) return;
    const id = chosen.entry.task_id;
    const isHeld = model.claimed.get(id)?.fence === chosen.fence;
    expect(await act(queue, chosen)).toBe(isHeld);
    if (isHeld) then(model, id);
  });

const settled = (model: Model, id: string): void => {
  model.claimed.delete(id);
  model.attempts.delete(id);
};

const pick = fc.nat(50);
const commands = [
  fc
    .record({
      key: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      hash: fc.constantFrom('1', '2'),
    })
    .map(({ key, hash }) => enqueue(key, hash)),
  fc
    .record({ consumer: fc.constantFrom('w1', 'w2'), lease: fc.integer({ min: 1, max: 3 }) })
    .map(({ consumer, lease }) => claim(consumer, lease)),
  fc
    .record({ consumer: fc.constantFrom('w1', 'w2'), lease: fc.integer({ min: 1, max: 3 }) })
    .map(({ consumer, lease }) => claim(consumer, lease)),
  pick.map((n) =>
    withClaim(
      'renew',
      n,
      (queue, held) => queue.renew(held, 25_000),
      (model, id) => {
        const held = model.claimed.get(id);
        if (held) held.expires = model.now + 25_000;
      },
    ),
  ),
  pick.map((n) => withClaim('complete', n, (queue, held) => queue.complete(held), settled)),
  pick.map((n) =>
    withClaim(
      'fail',
      n,
      (queue, held) => queue.fail(held, `why ${n}`),
      (model, id) => {
        model.dead.push({ id, error: `why ${n}`, attempts: (model.attempts.get(id) ?? []).length + 1 });
        settled(model, id);
      },
    ),
  ),
  pick.map((n) =>
    withClaim(
      'giveBack',
      n,
      (queue, held) => queue.giveBack(held),
      (model, id) => {
        model.claimed.delete(id);
        model.waiting.unshift(id);
      },
    ),
  ),
  pick.map((n) =>
    command(`remove(${n})`, async (model, { queue, pool, entries }) => {
      const id = [...entries.keys()][n % Math.max(1, entries.size)];
      const entry = id === undefined ? undefined : entries.get(id);
      if (!entry) return;
      const waits = model.waiting.includes(entry.task_id);
      expect(await queue.remove(pool, entry.task_id)).toBe(waits);
      if (!waits) return;
      model.waiting = model.waiting.filter((other) => other !== entry.task_id);
      model.attempts.delete(entry.task_id);
    }),
  ),
  fc.integer({ min: -40_000, max: 40_000 }).map((ms) =>
    command(`clock ${ms}`, async (model, { setNow }) => {
      model.now += ms;
      setNow(model.now);
    }),
  ),
  fc.constant(
    command('dead letters', async (model, { queue, pool }) => {
      const letters = await queue.deadLetters(pool, 100);
      const told = letters.map(({ id, error, attempts }) => ({ id, error, attempts: attempts?.length ?? 0 }));
      const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
      expect(told.toSorted(byId)).toEqual(model.dead.toSorted(byId));
    }),
  ),
];

let pools = 0;

async function holds(open: (clock: () => number) => Promise<TaskQueue>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (run) => {
      let now = 1_800_000_000_000;
      const queue = await open(() => now);
      const pool = `model${process.pid}_${Date.now()}_${pools++}` as PoolName; // of the pattern
      const model: Model = {
        now,
        waiting: [],
        claimed: new Map(),
        attempts: new Map(),
        dead: [],
        keys: new Map(),
        lastFence: 0,
        steps: 0,
      };
      const setNow = (time: number): void => {
        now = time;
      };
      try {
        await fc.asyncModelRun(
          () => ({ model, real: { queue, pool, setNow, entries: new Map(), claims: [] } }),
          run,
        );
      } finally {
        await queue.close();
      }
    }),
    { numRuns: 60 },
  );
}

describe('a queue behaves as its model', () => {
  test('embedded', () =>
    holds((clock) =>
      createEmbeddedQueue({ path: join(mkdtempSync(join(tmpdir(), 'nmcp-model-')), 'queue.db'), clock }),
    ));

  test.skipIf(testRedisUrl === undefined)('on Redis', () =>
    holds((clock) => createRedisQueue({ url: testRedisUrl ?? '', clock })),
  );
});
