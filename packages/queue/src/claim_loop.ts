import type { PoolName } from '@nmcp/types';
import type { Claim, ClaimOptions } from './task_queue.ts';
import type { WakeUp } from './wake_up.ts';

/** What a store offers for claiming. */
export interface ClaimSource {
  /** Takes the next task of one pool, if there is one. */
  tryClaim(pool: PoolName, options: ClaimOptions): Promise<Claim | undefined>;
  wakeUp: WakeUp;
  /** Milliseconds between looks for what nobody announced: a bare LPUSH, a lease that ran out. */
  pollMs: number;
}

/** Claims from several pools in turn, so that no pool starves another. */
export class ClaimLoop {
  readonly #source: ClaimSource;
  #nextPool = 0;

  constructor(source: ClaimSource) {
    this.#source = source;
  }

  async claim(pools: readonly PoolName[], options: ClaimOptions): Promise<Claim | undefined> {
    const end = performance.now() + (options.waitMs ?? 0);
    while (!options.signal?.aborted) {
      const turn = this.#source.wakeUp.turn;
      const first = this.#nextPool++;
      for (let i = 0; i < pools.length; i++) {
        const pool = pools[(first + i) % pools.length];
        const claim = pool && (await this.#source.tryClaim(pool, options));
        if (claim) return claim;
      }
      const remaining = end - performance.now();
      if (remaining <= 0) return undefined;
      await this.#source.wakeUp.sleep(turn, Math.min(remaining, this.#source.pollMs), options.signal);
    }
    return undefined;
  }
}
