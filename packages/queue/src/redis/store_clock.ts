import type { Clock } from '@nmcp/types';
import type { RedisConnection } from './connection.ts';
import type { Reply } from './link.ts';
import { isList } from './read_reply.ts';

/** Milliseconds for which an answer of the server's clock serves; a machine's clocks do not drift apart faster. */
const ASK_MS = 5000;

/**
 * The server's clock, which is one for all workers, counted on with this machine's monotonic one. A given clock takes its
 * place.
 */
export function createStoreClock(
  connection: RedisConnection,
  clock: Clock | undefined,
): () => Promise<number> {
  let [offset, askedAt] = [0, Number.NEGATIVE_INFINITY];
  return async () => {
    if (clock) return clock();
    const begun = performance.now();
    if (begun - askedAt > ASK_MS) {
      const now = readTime(await connection.command('TIME'));
      const heard = performance.now();
      [offset, askedAt] = [now - (begun + heard) / 2, heard];
    }
    return offset + performance.now();
  };
}

/** Milliseconds of an answer to `TIME`. */
function readTime(reply: Reply): number {
  const [seconds, micros] = isList(reply) ? reply : [];
  return Number(seconds) * 1000 + Number(micros) / 1000;
}
