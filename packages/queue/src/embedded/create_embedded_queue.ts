import { type Clock, isoTime, type PoolName } from '@nmcp/types';
import { ClaimLoop } from '../claim_loop.ts';
import { attemptsOf } from '../dead_letter.ts';
import { parseEntry } from '../parse_entry.ts';
import type { Claim, ClaimOptions, EnqueueOutcome, FailedAttempt, TaskQueue } from '../task_queue.ts';
import { WakeUp } from '../wake_up.ts';
import { createEmbeddedCircuits } from './circuits.ts';
import { createEmbeddedContents } from './contents.ts';
import { countRows } from './count_rows.ts';
import { EmbeddedDatabase } from './database.ts';
import { createEmbeddedDeadLetters } from './dead_letters.ts';
import { createEmbeddedDrains } from './drains.ts';
import { createEmbeddedKeys } from './idempotency_keys.ts';
import { latestLeaseEnd } from './latest_lease_end.ts';
import { createMemorySessions } from './memory_sessions.ts';
import { createEmbeddedSlots } from './slots.ts';

/** Options of {@linkcode createEmbeddedQueue}. */
export interface EmbeddedQueueOptions {
  /** File of the store; made with its folder where it is missing. */
  path: string;
  /** Milliseconds between looks for what another process added. @default 250 */
  pollMs?: number;
  /** @default the machine's clock as SQLite reads it, which is one for all processes */
  clock?: Clock;
}

/**
 * Opens the queues on a SQLite file: no server, several processes on one machine, every step on disk before it counts.
 *
 * @throws {NmcpError} `unavailable` when the file cannot be opened.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { createEmbeddedQueue } from '@nmcp/queue';
 * import { DEFAULT_POOL } from '@nmcp/types';
 *
 * await using queue = await createEmbeddedQueue({ path: `${mkdtempSync('/tmp/queue-')}/queue.db` });
 * console.assert((await queue.depth(DEFAULT_POOL)) === 0);
 * ```
 */
export async function createEmbeddedQueue(options: EmbeddedQueueOptions): Promise<TaskQueue> {
  const db = await EmbeddedDatabase.open(options.path);
  const clock = options.clock ?? (() => db.now());
  const wakeUp = new WakeUp();
  const { bury, ...deadLetters } = createEmbeddedDeadLetters(db, clock);
  const { findKey, rememberKey } = createEmbeddedKeys(db, clock);
  const loop = new ClaimLoop({
    tryClaim: (pool, claim) => db.transaction(() => take(pool, claim)),
    wakeUp,
    pollMs: options.pollMs ?? 250,
  });

  function reap(pool: PoolName, leaseMs: number): void {
    // leases that end later than any was given begin anew: the clock was set back
    const now = clock();
    db.run(
      'UPDATE inflight SET expires_at = ? WHERE pool = ? AND expires_at > ?',
      now + leaseMs,
      pool,
      latestLeaseEnd(now, leaseMs),
    );
    const expired = db.all(
      'SELECT task_id, entry, fence, consumer FROM inflight WHERE pool = ? AND expires_at <= ? ORDER BY expires_at DESC, task_id DESC LIMIT 100',
      pool,
      clock(),
    );
    for (const row of expired) {
      const id = String(row.task_id);
      db.run('DELETE FROM inflight WHERE task_id = ?', id);
      pushFront(pool, id, String(row.entry));
      const ended = {
        consumer: String(row.consumer),
        fence: Number(row.fence),
        ended_at: isoTime(clock()),
        error: 'The lease ran out',
      };
      db.run(
        'INSERT OR REPLACE INTO failed_attempts VALUES (?, ?)',
        id,
        JSON.stringify([...attemptsBefore(id), ended]),
      );
    }
  }

  function attemptsBefore(taskId: string): FailedAttempt[] {
    const row = db.get('SELECT attempts FROM failed_attempts WHERE task_id = ?', taskId);
    return row ? JSON.parse(String(row.attempts)) : [];
  }

  function pushFront(pool: PoolName, taskId: string, entry: string): void {
    db.run(
      'INSERT INTO waiting SELECT ?, coalesce(min(position), 1) - 1, ?, ? FROM waiting WHERE pool = ?',
      pool,
      taskId,
      entry,
      pool,
    );
  }

  function nextFence(pool: PoolName): number {
    const last = Number(db.get('SELECT value FROM fence WHERE pool = ?', pool)?.value ?? 0);
    const fence = Math.max(last + 1, clock()); // at least the time, so that it grows even over a lost file
    db.run(
      'INSERT INTO fence VALUES (?, ?) ON CONFLICT (pool) DO UPDATE SET value = excluded.value',
      pool,
      fence,
    );
    return fence;
  }

  function take(pool: PoolName, { consumer, leaseMs }: ClaimOptions): Claim | undefined {
    const askedAt = performance.now();
    reap(pool, leaseMs);
    while (true) {
      const row = db.get(
        'SELECT position, entry FROM waiting WHERE pool = ? ORDER BY position LIMIT 1',
        pool,
      );
      if (!row) return undefined;
      db.run('DELETE FROM waiting WHERE pool = ? AND position = ?', pool, row.position ?? null);
      const raw = String(row.entry);
      const parsed = parseEntry(raw, pool);
      if ('problem' in parsed) {
        bury(pool, raw, parsed.problem);
        continue;
      }
      const { entry } = parsed;
      if (db.get('SELECT 1 AS found FROM inflight WHERE task_id = ?', entry.task_id)) continue; // it stood in the queue twice
      const fence = nextFence(pool);
      db.run(
        'INSERT INTO inflight VALUES (?, ?, ?, ?, ?, ?)',
        entry.task_id,
        pool,
        raw,
        fence,
        consumer,
        clock() + leaseMs,
      );
      return { entry, pool, fence, attempts: attemptsBefore(entry.task_id), consumer, askedAt };
    }
  }

  /** Ends a claim, if it still holds, with what a function does. */
  async function settle(claim: Claim, then: () => void): Promise<boolean> {
    return db.transaction(() => {
      const held =
        db.run('DELETE FROM inflight WHERE task_id = ? AND fence = ?', claim.entry.task_id, claim.fence) ===
        1;
      if (held) then();
      return held;
    });
  }

  const forget = (taskId: string): void => {
    db.run('DELETE FROM failed_attempts WHERE task_id = ?', taskId);
  };

  async function giveBack(claim: Claim): Promise<boolean> {
    const done = await settle(claim, () => {
      pushFront(claim.pool, claim.entry.task_id, JSON.stringify(claim.entry));
    });
    if (done) wakeUp.notify();
    return done;
  }

  const close = async (): Promise<void> => db.close();

  return {
    slots: createEmbeddedSlots(db, clock),
    circuits: createEmbeddedCircuits(db, clock),
    drains: createEmbeddedDrains(db),
    sessions: createMemorySessions(),
    ...createEmbeddedContents(db, clock),
    ...deadLetters,
    async enqueue(entry, { idempotency } = {}) {
      const pool = entry.scanner_pool;
      const outcome = await db.transaction((): EnqueueOutcome => {
        const known = idempotency && rememberKey(idempotency, entry.task_id);
        if (known) return known;
        db.run(
          'INSERT INTO waiting SELECT ?, coalesce(max(position), 0) + 1, ?, ? FROM waiting WHERE pool = ?',
          pool,
          entry.task_id,
          JSON.stringify(entry),
          pool,
        );
        return { kind: 'enqueued', depth: countRows(db, 'waiting', pool) };
      });
      if (outcome.kind === 'enqueued') wakeUp.notify();
      return outcome;
    },
    lookUp: async (idempotency) => findKey(idempotency),
    claim: (pools, claimOptions) => loop.claim(pools, claimOptions),
    renew: async (claim, leaseMs) =>
      (await db.change(
        'UPDATE inflight SET expires_at = ? WHERE task_id = ? AND fence = ?',
        clock() + leaseMs,
        claim.entry.task_id,
        claim.fence,
      )) === 1,
    remember: async (idempotency, taskId) => db.transaction(() => rememberKey(idempotency, taskId)),
    rewrite: async (claim, entry) =>
      (await db.change(
        'UPDATE inflight SET entry = ? WHERE task_id = ? AND fence = ?',
        JSON.stringify(entry),
        claim.entry.task_id,
        claim.fence,
      )) === 1,
    complete: (claim) => settle(claim, () => forget(claim.entry.task_id)),
    giveBack,
    async excuse(claim) {
      if (await giveBack(claim)) return;
      const { task_id } = claim.entry;
      await db.transaction(() => {
        const kept = attemptsBefore(task_id).filter(({ fence }) => fence !== claim.fence);
        if (kept.length === 0) db.run('DELETE FROM failed_attempts WHERE task_id = ?', task_id);
        else db.run('INSERT OR REPLACE INTO failed_attempts VALUES (?, ?)', task_id, JSON.stringify(kept));
      });
    },
    fail: (claim, error) =>
      settle(claim, () => {
        forget(claim.entry.task_id);
        bury(claim.pool, JSON.stringify(claim.entry), error, attemptsOf(claim, error, clock()));
      }),
    remove: async (pool, taskId) =>
      db.transaction(() => {
        const removed = db.run('DELETE FROM waiting WHERE pool = ? AND task_id = ?', pool, taskId) > 0;
        if (removed) forget(taskId);
        return removed;
      }),
    now: async () => clock(),
    inspect: async () => ({
      product: `SQLite ${String(db.get('SELECT sqlite_version() AS version')?.version)}`,
      isWritable: true, // it was opened for writing
      isDurable: true,
      evicts: false,
    }),
    async ping() {
      db.get('SELECT 1 AS one');
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
