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
  #turn = 0;

  constructor(source: ClaimSource) {
    this.#source = source;
  }

  async claim(pools: readonly PoolName[], options: ClaimOptions): Promise<Claim | undefined> {
    const end = performance.now() + (options.waitMs ?? 0);
    while (!options.signal?.aborted) {
      const remaining = Math.max(0, end - performance.now());
      const wake = this.#source.wakeUp.listen(options.signal);
      try {
        const claim = await this.#round(pools, options);
        if (claim || remaining === 0) return claim;
        await wake.sleep(Math.min(remaining, this.#source.pollMs));
      } finally {
        wake.cancel();
      }
    }
    return undefined;
  }

  async #round(pools: readonly PoolName[], options: ClaimOptions): Promise<Claim | undefined> {
    const start = this.#turn++;
    for (let i = 0; i < pools.length; i++) {
      const pool = pools[(start + i) % pools.length];
      const claim = pool === undefined ? undefined : await this.#source.tryClaim(pool, options);
      if (claim) return claim;
    }
    return undefined;
  }
}
