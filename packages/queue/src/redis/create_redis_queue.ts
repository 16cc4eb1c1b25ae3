import type { Clock, PoolName, QueueEntry } from '@nmcp/types';
import { ClaimLoop } from '../claim_loop.ts';
import { attemptsOf, writeDeadLetter } from '../dead_letter.ts';
import {
  type Claim,
  type ClaimOptions,
  IDEMPOTENCY_TTL_SECONDS,
  type Idempotency,
  type TaskQueue,
} from '../task_queue.ts';
import { WakeUp } from '../wake_up.ts';
import { Batcher } from './batcher.ts';
import { createRedisCircuits } from './circuits.ts';
import { RedisConnection } from './connection.ts';
import { createRedisContents } from './contents.ts';
import { createRedisDeadLetters } from './dead_letters.ts';
import { createRedisDrains } from './drains.ts';
import { inspectRedis } from './inspect_redis.ts';
import { createKeys } from './keys.ts';
import { compareRequests, isList, readTaken, type TakenTask } from './read_reply.ts';
import { createRedisSessions } from './sessions.ts';
import { createRedisUse } from './shared_use.ts';
import { createRedisSlots } from './slots.ts';
import { createStoreClock } from './store_clock.ts';

/** Options of {@linkcode createRedisQueue}. */
export interface RedisQueueOptions {
  /** Such as `redis://localhost:6379` or `rediss://user:password@host:6380/0`. */
  url: string;
  /**
   * Given, the server is a node of a cluster, and this stands in braces before all keys: `nmcp` makes `{nmcp}:nessus:queue`.
   * A v3.0 system cannot share such queues.
   */
  clusterTag?: string | undefined;
  /**
   * `host:port` of Sentinels, or `redis://user:password@host:port`. Given, they are asked where the primary is, and the host of `url`
   * is what they call it: `redis://user:password@mymaster/0`.
   */
  sentinels?: readonly string[] | undefined;
  /** Milliseconds without any answer, while one is due, after which the connection is made anew. @default 5000 */
  silenceMs?: number | undefined;
  /** Milliseconds between looks for what a v3.0 producer pushed without saying so. @default 500 */
  pollMs?: number;
  /** @default the Redis server's clock, which is one for all workers */
  clock?: Clock;
}

interface PoolBatches {
  enqueue: Batcher<QueueEntry, number>;
  work: Batcher<WorkItem, WorkResult>;
}

/** A claim to end, or one that is wanted. */
type WorkItem = { done: Claim; wanted?: never } | { wanted: ClaimOptions; done?: never };

interface WorkResult {
  ended?: boolean;
  taken?: TakenTask;
}

/** See `createRedisQueue` in open_queue.ts, which loads this. */
export async function createRedisQueue(options: RedisQueueOptions): Promise<TaskQueue> {
  const connection = await RedisConnection.open(options);
  const names = createKeys(options.clusterTag);
  const now = (): string => (options.clock ? String(options.clock()) : '');
  const storeClock = createStoreClock(connection, options.clock);
  const wallClock = options.clock ?? Date.now;
  const wakeUp = new WakeUp();
  const loop = new ClaimLoop({ tryClaim, wakeUp, pollMs: options.pollMs ?? 500 });

  const batches = new Map<PoolName, PoolBatches>();

  /** A pool's calls that are made together. */
  function batchesOf(pool: PoolName): PoolBatches {
    const known = batches.get(pool) ?? {
      enqueue: new Batcher((entries: readonly QueueEntry[]) => enqueueAll(pool, entries)),
      work: new Batcher((items: readonly WorkItem[]) => workAll(pool, items)),
    };
    batches.set(pool, known);
    return known;
  }

  async function enqueueAll(pool: PoolName, entries: readonly QueueEntry[]): Promise<number[]> {
    const args = [names.wakeChannel, pool, '', '', ...entries.map((entry) => JSON.stringify(entry))];
    const reply = await connection.script('enqueue', [names.pool(pool).queue], args);
    const depth = Number(isList(reply) ? reply[1] : undefined);
    return entries.map((_, i) => depth - entries.length + 1 + i);
  }

  /** Ends claims and makes new ones in one step: a consumer says both in one breath. */
  async function workAll(pool: PoolName, items: readonly WorkItem[]): Promise<WorkResult[]> {
    const keys = names.pool(pool);
    const ending: string[] = [];
    const wanting: string[] = [];
    for (const { done, wanted } of items) {
      if (done) ending.push(done.entry.task_id, String(done.fence));
      else wanting.push(wanted.consumer, String(wanted.leaseMs));
    }
    const reply = await connection.script(
      'work',
      [keys.queue, keys.inflight, keys.leases, keys.attempts, keys.fence, keys.dead],
      [now(), new Date(wallClock()).toISOString(), pool, String(ending.length / 2), ...ending, ...wanting],
    );
    const [ended, ...taken] = isList(reply) ? reply : [];
    const tasks = readTaken(pool, taken);
    let nextEnded = 0;
    let nextTask = 0;
    return items.map(({ done }): WorkResult => {
      if (done) return { ended: String(ended)[nextEnded++] === '1' };
      const task = tasks[nextTask++];
      return task ? { taken: task } : {};
    });
  }

  async function tryClaim(pool: PoolName, options: ClaimOptions): Promise<Claim | undefined> {
    while (true) {
      const askedAt = performance.now();
      const { taken } = await batchesOf(pool).work.call({ wanted: options });
      if (!taken) return undefined;
      const { taskId, parsed, fence, attempts } = taken;
      if ('entry' in parsed) {
        const { consumer } = options;
        return {
          entry: parsed.entry,
          pool,
          fence: Number(fence),
          attempts,
          consumer,
          askedAt,
        };
      }
      // it has an id, so it is in flight, and comes back if this does not get done
      const letter = writeDeadLetter(taken.raw, parsed.problem, wallClock(), pool);
      await settleAs(pool, taskId, fence, 'fail', letter, unixSeconds(wallClock()));
    }
  }

  async function settleAs(
    pool: PoolName,
    taskId: string,
    fence: string,
    how: string,
    ...rest: string[]
  ): Promise<boolean> {
    const keys = names.pool(pool);
    const all = [keys.queue, keys.inflight, keys.leases, keys.attempts, keys.dead];
    return (await connection.script('settle', all, [taskId, fence, how, ...rest])) === 1;
  }

  const settle = (claim: Claim, how: string, ...rest: string[]): Promise<boolean> =>
    settleAs(claim.pool, claim.entry.task_id, String(claim.fence), how, ...rest);

  const recordOf = ({ requestHash }: Idempotency, taskId: string): string =>
    JSON.stringify({
      task_id: taskId,
      request_hash: requestHash,
      created_at: new Date(wallClock()).toISOString(),
    });

  async function giveBack(claim: Claim): Promise<boolean> {
    const done = await settle(claim, 'give_back', JSON.stringify(claim.entry));
    if (done) await connection.command('PUBLISH', names.wakeChannel, claim.pool);
    return done;
  }

  const close = async (): Promise<void> => connection.close();

  return {
    slots: createRedisSlots(connection, names, now),
    circuits: createRedisCircuits(connection, names, now, storeClock),
    drains: createRedisDrains(connection, names),
    use: createRedisUse(connection, names),
    sessions: createRedisSessions(connection, names),
    ...createRedisContents(connection, names, storeClock),
    ...createRedisDeadLetters(connection, names),
    async enqueue(entry, { idempotency } = {}) {
      const pool = entry.scanner_pool;
      if (!idempotency) {
        const depth = await batchesOf(pool).enqueue.call(entry);
        wakeUp.notify();
        return { kind: 'enqueued', depth };
      }
      const record = recordOf(idempotency, entry.task_id);
      const keys = [names.pool(pool).queue, names.idempotency(idempotency.key)];
      const args = [names.wakeChannel, pool, record, String(IDEMPOTENCY_TTL_SECONDS), JSON.stringify(entry)];
      const reply = await connection.script('enqueue', keys, args);
      const [known, value] = isList(reply) ? reply : [];
      if (known === 1) return compareRequests(String(value), idempotency);
      wakeUp.notify();
      return { kind: 'enqueued', depth: Number(value) };
    },
    async lookUp(idempotency) {
      const record = await connection.command('GET', names.idempotency(idempotency.key));
      return record === null ? undefined : compareRequests(String(record), idempotency);
    },
    async claim(pools, claimOptions) {
      // without waiting: what a consumer ends and what it wants stay side by side in a batch, and in its parts
      if (claimOptions.waitMs && !connection.isSubscribed(names.wakeChannel))
        await connection.subscribe(names.wakeChannel, () => wakeUp.notify());
      return await loop.claim(pools, claimOptions);
    },
    async renew(claim, leaseMs) {
      const keys = names.pool(claim.pool);
      const args = [claim.entry.task_id, String(claim.fence), now(), String(leaseMs)];
      return (await connection.script('renew', [keys.inflight, keys.leases], args)) === 1;
    },
    async remember(idempotency, taskId) {
      const key = names.idempotency(idempotency.key);
      const args = ['EX', String(IDEMPOTENCY_TTL_SECONDS), 'NX'];
      if ((await connection.command('SET', key, recordOf(idempotency, taskId), ...args)) === 'OK')
        return undefined;
      return compareRequests(String(await connection.command('GET', key)), idempotency);
    },
    async rewrite(claim, entry) {
      const args = [claim.entry.task_id, String(claim.fence), JSON.stringify(entry)];
      return (await connection.script('rewrite', [names.pool(claim.pool).inflight], args)) === 1;
    },
    complete: async (claim) => (await batchesOf(claim.pool).work.call({ done: claim })).ended === true,
    giveBack,
    async excuse(claim) {
      if (await giveBack(claim)) return;
      const { attempts } = names.pool(claim.pool);
      await connection.script('excuse', [attempts], [claim.entry.task_id, String(claim.fence)]);
    },
    fail(claim, error) {
      const attempts = attemptsOf(claim, error, wallClock());
      const letter = writeDeadLetter(JSON.stringify(claim.entry), error, wallClock(), claim.pool, attempts);
      return settle(claim, 'fail', letter, unixSeconds(wallClock()));
    },
    async remove(pool, taskId) {
      const keys = names.pool(pool);
      return (await connection.script('remove', [keys.queue, keys.attempts], [taskId])) === 1;
    },
    now: storeClock,
    inspect: () => inspectRedis(connection),
    async ping() {
      await connection.command('PING');
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function unixSeconds(milliseconds: number): string {
  return String(milliseconds / 1000);
}
