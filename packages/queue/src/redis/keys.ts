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
  /** STRING; the last fencing number. */
  fence: string;
}

/** Names of all keys. */
export interface RedisKeys {
  pool(pool: string): PoolKeys;
  /** STRING; which task an idempotency key made. v3.0's. */
  idempotency(key: string): string;
  /** ZSET; holders of a scanner's slots, scored by the end of their lease. */
  slots(scanner: string): string;
  /** HASH; scanner to the time in milliseconds when a slot was taken last. */
  lastUsed: string;
  /** HASH; a scanner's circuit breaker. */
  circuit(scanner: string): string;
  /** HASH; server to what a caller uses on it. */
  use(caller: string): string;
  /** SET; scanners that are out of service. */
  drained: string;
  /** HASH; a client's session. */
  session(id: string): string;
  /** STREAM; the last events of a session. */
  sessionEvents(id: string): string;
  /** ZSET; a caller's sessions, scored by their last use. */
  sessionsOf(caller: string): string;
  /** STRING; there as long as a server lives. */
  sessionServer(server: string): string;
  /** Channel on which servers tell each other of sessions. */
  sessionChannel: string;
  /** Channel on which an enqueue says so. */
  wakeChannel: string;
}

/**
 * Makes the names.
 *
 * @param clusterTag put before all of them in braces, so that they are in one slot of a cluster, as scripts need them
 */
export function createKeys(clusterTag?: string): RedisKeys {
  const prefix = clusterTag === undefined ? '' : `{${clusterTag}}:`;
  return {
    pool: (pool) => ({
      queue: `${prefix}${pool}:queue`,
      dead: `${prefix}${pool}:queue:dead`,
      inflight: `${prefix}${pool}:inflight`,
      leases: `${prefix}${pool}:leases`,
      attempts: `${prefix}${pool}:attempts`,
      fence: `${prefix}${pool}:fence`,
    }),
    idempotency: (key) => `${prefix}idemp:${key}`,
    slots: (scanner) => `${prefix}nmcp:slots:${scanner}`,
    lastUsed: `${prefix}nmcp:slots:last_used`,
    circuit: (scanner) => `${prefix}nmcp:circuit:${scanner}`,
    use: (caller) => `${prefix}nmcp:use:${caller}`,
    drained: `${prefix}nmcp:drained`,
    session: (id) => `${prefix}nmcp:session:${id}`,
    sessionEvents: (id) => `${prefix}nmcp:session:${id}:events`,
    sessionsOf: (caller) => `${prefix}nmcp:sessions:${caller}`,
    sessionServer: (server) => `${prefix}nmcp:server:${server}`,
    sessionChannel: `${prefix}nmcp:sessions`,
    wakeChannel: `${prefix}nmcp:wake`,
  };
}
