/**
 * Queues of scan tasks with leases, fencing numbers and dead letters: on Redis, or embedded on SQLite.
 *
 * @module
 */
export type { CircuitBreakers, CircuitOptions, CircuitReading } from './circuit_breakers.ts';
export { clockSkew, MAX_CLOCK_SKEW_MS, requireAgreeingClock } from './clock_skew.ts';
export { createEmbeddedQueue, type EmbeddedQueueOptions } from './embedded/create_embedded_queue.ts';
export { createMemorySessions } from './embedded/memory_sessions.ts';
export { createRedisQueue, EMBEDDED_FILE, openQueue } from './open_queue.ts';
export type { RedisQueueOptions } from './redis/create_redis_queue.ts';
export {
  FIRST_EVENT,
  isBefore,
  type NewSessionEvent,
  type SessionEvent,
  type SessionNews,
  type SessionReading,
  type SessionStore,
  type StoredSession,
} from './session_store.ts';
export type {
  Claim,
  ClaimOptions,
  DeadLetter,
  Drains,
  EnqueueOutcome,
  Idempotency,
  SlotLeases,
  SlotUsage,
  StoreInspection,
  TaskQueue,
} from './task_queue.ts';
export { IDEMPOTENCY_TTL_SECONDS } from './task_queue.ts';
export { countWorkers, WorkerPresence } from './worker_presence.ts';
