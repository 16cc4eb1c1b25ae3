import {
  DEFAULT_POOL,
  newTaskId,
  newTraceId,
  type PoolName,
  type QueueEntry,
  type TaskId,
} from '@nmcp/types';
import { type TestAPI, test } from 'vitest';
import type { Claim, TaskQueue } from './task_queue.ts';

/** A queue under test, with a clock that the test moves. */
export interface QueueUnderTest {
  queue: TaskQueue;
  /** Puts a text into a pool's queue as another program would. */
  pushRaw(pool: PoolName, raw: string): Promise<void>;
  advance(ms: number): void;
}

/** What each test is given. */
export interface QueueFixtures {
  t: QueueUnderTest;
  /** A pool that no other test uses. */
  pool: PoolName;
  entry(pool?: PoolName): QueueEntry;
  /** Enqueues so many entries; their tasks. */
  enqueue(count: number): Promise<TaskId[]>;
  claim(...pools: PoolName[]): Promise<Claim | undefined>;
  /** Claims where there must be something to claim. */
  claimed(): Promise<Claim>;
}

/** An entry of the default pool. */
export function simpleEntry(): QueueEntry {
  return {
    task_id: newTaskId('nessus'),
    trace_id: 't',
    scan_type: 'untrusted',
    scanner_pool: DEFAULT_POOL,
    payload: {},
  };
}

/** `test` with these fixtures. */
export type QueueTest = TestAPI<QueueFixtures>;

/** Milliseconds. */
export const LEASE = 1000;
let poolNumber = 0;

/** `test` for the queues that `open` opens, one for every test. */
export function queueTest(open: () => Promise<QueueUnderTest>): QueueTest {
  return test.extend<QueueFixtures>({
    t: async ({ task: _ }, use) => {
      const t = await open();
      await use(t);
      await t.queue.close();
    },
    pool: async ({ task: _ }, use) => {
      await use(`t${process.pid}_${Date.now()}_${poolNumber++}` as PoolName); // matches the pattern of pool names
    },
    entry: async ({ pool }, use) => {
      await use((in_pool = pool) => ({
        task_id: newTaskId('nessus'),
        trace_id: newTraceId(),
        scan_type: 'untrusted',
        scanner_pool: in_pool,
        scanner_instance_id: null,
        payload: { targets: '10.0.0.1', name: 'n' },
      }));
    },
    enqueue: async ({ t, entry }, use) => {
      await use(async (count) => {
        const ids: TaskId[] = [];
        for (let i = 0; i < count; i++) {
          const e = entry();
          await t.queue.enqueue(e);
          ids.push(e.task_id);
        }
        return ids;
      });
    },
    claim: async ({ t, pool }, use) => {
      await use((...pools) =>
        t.queue.claim(pools.length > 0 ? pools : [pool], { consumer: 'w1', leaseMs: LEASE }),
      );
    },
    claimed: async ({ claim }, use) => {
      await use(async () => {
        const taken = await claim();
        if (!taken) throw new Error('nothing to claim');
        return taken;
      });
    },
  });
}
