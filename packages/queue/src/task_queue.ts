import type { PoolName, QueueEntry, SharedUse, TaskId } from '@nmcp/types';
import type { CircuitBreakers } from './circuit_breakers.ts';
import type { SessionStore } from './session_store.ts';

/** A task that a consumer has taken, for as long as its lease runs. */
export interface Claim {
  readonly entry: QueueEntry;
  readonly pool: PoolName;
  /**
   * Grows with every claim of a task, even over a wiped store: who holds a smaller one is stale and must not write. Tasks
   * that are claimed together may have the same.
   */
  readonly fence: number;
  /** Earlier attempts, whose lease ran out; claims that were given back are none. */
  readonly attempts: readonly FailedAttempt[];
  readonly consumer: string;
  /** When the lease was asked for, on `performance.now()`: it ends no earlier than so long after that. */
  readonly askedAt?: number | undefined;
}

/** A claim that ended without a word of its consumer. */
export interface FailedAttempt {
  consumer: string;
  fence: number;
  /** ISO 8601. */
  ended_at: string;
  error: string;
}

/** Makes a repeated submission find the first one. */
export interface Idempotency {
  key: string;
  /** SHA-256 of the sorted request, in hexadecimal. */
  requestHash: string;
}

/** What became of an enqueue. */
export type EnqueueOutcome =
  /** `depth` is the number of tasks that now wait, this one included. */
  | { readonly kind: 'enqueued'; readonly depth: number }
  /** The key was used before for the same request. */
  | { readonly kind: 'duplicate'; readonly taskId: TaskId }
  /** The key was used before for another request. */
  | { readonly kind: 'conflict'; readonly taskId: TaskId };

/** Options of {@linkcode TaskQueue.claim}. */
export interface ClaimOptions {
  /** Who claims; shown to operators. */
  consumer: string;
  /** Milliseconds until the task goes back to the queue, unless renewed. */
  leaseMs: number;
  /** Milliseconds to wait for a task. @default 0 */
  waitMs?: number;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

/** A task that could not be run, or an entry that is no task. */
export interface DeadLetter {
  /** The task's id, or `malformed-` and a hash when the entry has none. */
  id: string;
  /** The entry as it was; for malformed ones `{raw}`. */
  entry: Record<string, unknown>;
  error: string;
  /** ISO 8601. */
  failed_at: string;
  scanner_pool: string;
  /** Every attempt; the last is the one that gave up. */
  attempts?: readonly FailedAttempt[];
}

/** A named place on a scanner, held by a task for as long as its lease runs. */
export interface SlotLeases {
  /**
   * Takes one of `max` slots of a scanner, or renews the one that the holder has.
   *
   * @returns false when all are taken
   */
  acquire(scanner: string, holder: string, max: number, leaseMs: number): Promise<boolean>;
  /** Gives a slot back; giving back what is not held does nothing. */
  release(scanner: string, holder: string): Promise<void>;
  /** For each scanner, how many slots are taken and when one was taken last (milliseconds; 0 for never). */
  usage(scanners: readonly string[]): Promise<SlotUsage[]>;
}

/** Scanners that an operator has taken out of service: they finish what they have, and get nothing new. */
export interface Drains {
  /** Takes a scanner out of service, or back in. @returns false when it was so before */
  set(scanner: string, drained: boolean): Promise<boolean>;
  /** Those that are out of service. */
  list(): Promise<ReadonlySet<string>>;
}

/** What a queue's store says of itself. */
export interface StoreInspection {
  /** Such as `Redis 7.0.15`. */
  product: string;
  /** Whether it takes writes. */
  isWritable: boolean;
  /** Whether what it has outlives its process. */
  isDurable: boolean;
  /** Whether it drops keys when its memory is full: then tasks get lost, until the reconciliation finds them. */
  evicts: boolean;
}

/** How busy a scanner is. */
export interface SlotUsage {
  scanner: string;
  active: number;
  /** Milliseconds since 1970. */
  lastUsed: number;
}

/**
 * Queues of scan tasks by pool, first in, first out, with at-least-once delivery under a lease.
 *
 * Methods throw `NmcpError` `unavailable` when the store cannot be reached.
 */
export interface TaskQueue extends AsyncDisposable {
  readonly slots: SlotLeases;
  readonly circuits: CircuitBreakers;
  readonly drains: Drains;
  /** Sessions of MCP clients: on Redis those of all servers, else those of this process. */
  readonly sessions: SessionStore;
  /** The account of what callers use, where several servers can share the store. */
  readonly use?: SharedUse | undefined;
  /** Adds a task; the check of the idempotency key and the adding are one step. */
  enqueue(entry: QueueEntry, options?: { idempotency?: Idempotency }): Promise<EnqueueOutcome>;
  /** What a repeated submission with this key would find, before anything is written. */
  lookUp(idempotency: Idempotency): Promise<Exclude<EnqueueOutcome, { kind: 'enqueued' }> | undefined>;
  /** Takes the oldest task of the pools, which are served in turn; waits for one when `waitMs` says so. */
  claim(pools: readonly PoolName[], options: ClaimOptions): Promise<Claim | undefined>;
  /**
   * Remembers which task an idempotency key made, for a task that is not enqueued yet.
   *
   * @returns the first use of the key, when this is not it
   */
  remember(
    idempotency: Idempotency,
    taskId: TaskId,
  ): Promise<Exclude<EnqueueOutcome, { kind: 'enqueued' }> | undefined>;
  /** Makes the lease run anew. @returns false when the claim is stale */
  renew(claim: Claim, leaseMs: number): Promise<boolean>;
  /** Replaces the entry of a claim, so that nothing of the earlier one is left. @returns false when the claim is stale */
  rewrite(claim: Claim, entry: QueueEntry): Promise<boolean>;
  /** Says that the task is done. @returns false when the claim is stale */
  complete(claim: Claim): Promise<boolean>;
  /** Puts the task back as the next to be taken. @returns false when the claim is stale */
  giveBack(claim: Claim): Promise<boolean>;
  /**
   * Says that the consumer of a claim is alive although its lease ran out, as when the store was away or the machine slept:
   * the claim is given back if it still holds, and its attempt does not count as one.
   */
  excuse(claim: Claim): Promise<void>;
  /** Moves the task to the dead letters. @returns false when the claim is stale */
  fail(claim: Claim, error: string): Promise<boolean>;
  /** Number of tasks that wait. */
  depth(pool: PoolName): Promise<number>;
  /** Number of tasks that are claimed. */
  inFlight(pool: PoolName): Promise<number>;
  /** The next tasks, in the order in which they will be taken. */
  peek(pool: PoolName, count: number): Promise<QueueEntry[]>;
  /** The consumer that has claimed a task, as long as its lease runs; `undefined` when nobody has. */
  holder(pool: PoolName, taskId: TaskId): Promise<string | undefined>;
  /** Whether a task waits or is claimed. */
  has(pool: PoolName, taskId: TaskId): Promise<boolean>;
  /** Ids of all tasks that wait or are claimed. */
  taskIds(pool: PoolName): Promise<Set<string>>;
  /** Takes a waiting task out of the queue. @returns false when it did not wait */
  remove(pool: PoolName, taskId: TaskId): Promise<boolean>;
  /** Dead letters, newest first. */
  deadLetters(pool: PoolName, limit: number): Promise<DeadLetter[]>;
  /** Number of dead letters. */
  deadLetterCount(pool: PoolName): Promise<number>;
  /** Removes one dead letter. @returns false when there is none of this id */
  removeDeadLetter(pool: PoolName, id: string): Promise<boolean>;
  /** Removes all dead letters. @returns how many */
  purgeDeadLetters(pool: PoolName): Promise<number>;
  /** The store's clock, from which leases and fences come, in milliseconds since 1970. */
  now(): Promise<number>;
  /** What the store is, for who looks after it. */
  inspect(): Promise<StoreInspection>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The part of a queue that tells what is in it. */
export type QueueContents = Pick<TaskQueue, 'depth' | 'inFlight' | 'peek' | 'holder' | 'has' | 'taskIds'>;

/** The part of a queue that is about dead letters. */
export type DeadLetters = Pick<
  TaskQueue,
  'deadLetters' | 'deadLetterCount' | 'removeDeadLetter' | 'purgeDeadLetters'
>;

/** Seconds that an idempotency key lives: 48 hours. */
export const IDEMPOTENCY_TTL_SECONDS = 172_800;
