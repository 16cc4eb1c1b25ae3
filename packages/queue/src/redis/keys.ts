/** The Redis keys of a pool. `queue` and `dead` are v3.0's; the others stand beside them. */
export interface PoolKeys {
  /** LIST; in at the head, out at the tail. */
  queue: string;
  /** ZSET; the score is Unix seconds. */
  dead: string;
  /** HASH; task id to fence, consumer and entry. */
  inflight: string;
  /** ZSET; task id, scored by the end of its lease in milliseconds. */
  leases: string;
  /** HASH; task id to the attempts whose lease ran out, as JSON. */
  attempts: string;
  /** SET; ids of tasks that somebody wants stopped. */
  cancel: string;
  /** STRING; the last fencing number. */
  fence: string;
}

/** The keys of a pool. */
export function poolKeys(pool: string): PoolKeys {
  return {
    queue: `${pool}:queue`,
    dead: `${pool}:queue:dead`,
    inflight: `${pool}:inflight`,
    leases: `${pool}:leases`,
    attempts: `${pool}:attempts`,
    cancel: `${pool}:cancel`,
    fence: `${pool}:fence`,
  };
}

/** STRING; which task an idempotency key made. v3.0's. */
export function idempotencyKey(key: string): string {
  return `idemp:${key}`;
}

/** ZSET; holders of a scanner's slots, scored by the end of their lease. */
export function slotsKey(scanner: string): string {
  return `nmcp:slots:${scanner}`;
}

/** HASH; scanner to the time in milliseconds when a slot was taken last. */
export const LAST_USED_KEY = 'nmcp:slots:last_used';

/** Channel on which an enqueue says so. */
export const WAKE_CHANNEL = 'nmcp:wake';

/** HASH; a scanner's circuit breaker. */
export function circuitKey(scanner: string): string {
  return `nmcp:circuit:${scanner}`;
}
