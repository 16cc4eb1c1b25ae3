import PQueue from 'p-queue';
import type { CallLimits } from './scan_settings.ts';

const MINUTE_MS = 60_000;

/**
 * A fetch that makes no more calls than a scanner may be asked. Calls wait for their turn; their time for an answer begins
 * before it, so limits should leave room for the scans that run.
 */
export function limitCalls(fetch: typeof globalThis.fetch, limits: CallLimits = {}): typeof globalThis.fetch {
  const { calls_per_minute: perMinute, concurrent_calls: concurrency = Number.POSITIVE_INFINITY } = limits;
  if (perMinute === undefined && concurrency === Number.POSITIVE_INFINITY) return fetch;
  const queue = new PQueue({
    concurrency,
    // evenly, so that a minute does not begin with all of its calls
    ...(perMinute === undefined ? {} : { interval: MINUTE_MS / perMinute, intervalCap: 1 }),
  });
  return (input, init) =>
    queue.add(() => {
      init?.signal?.throwIfAborted(); // given up before its turn: nothing was sent
      return fetch(input, init);
    });
}
