import type { Claim, TaskQueue } from '@nmcp/queue';
import type { AcquiredScanner } from '@nmcp/registry';
import { messageOf, NmcpError } from '@nmcp/types';
import type { TimerWheel } from './timer_wheel.ts';

/** Options of {@linkcode LeaseKeeper}. */
export interface LeaseKeeperOptions {
  queue: TaskQueue;
  claim: Claim;
  wheel: TimerWheel;
  leaseMs: number;
  /** Told when the store did not take a renewal; the next one may. */
  onFailure: (message: string) => void;
}

/**
 * Renews a task's lease and its slot three times in the life of a lease. When another worker has taken the task over,
 * its {@linkcode lost} signal aborts, and whatever is under way for the task must end.
 */
export class LeaseKeeper implements Disposable {
  readonly #options: LeaseKeeperOptions;
  readonly #lost = new AbortController();
  readonly #timer: Disposable;
  #slot: AcquiredScanner | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#timer = options.wheel.every(options.leaseMs / 3, () => void this.#renew());
  }

  /** Aborts with a `stale_lease` when the lease is no longer ours. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Renews this slot too, from now on. */
  holdSlot(slot: AcquiredScanner): void {
    this.#slot = slot;
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  async #renew(): Promise<void> {
    const { queue, claim, leaseMs, onFailure } = this.#options;
    try {
      const isOurs = await queue.renew(claim, leaseMs);
      if (!isOurs)
        this.#lost.abort(new NmcpError('stale_lease', `The lease of task ${claim.entry.task_id} was lost`));
      else await this.#slot?.renew(leaseMs);
    } catch (error) {
      onFailure(messageOf(error));
    }
  }
}
