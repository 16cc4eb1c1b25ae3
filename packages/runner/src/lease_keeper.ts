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

/** A lease that ended in the store a moment later is no lease here: for what is under way, and for clocks that differ. */
const MARGIN = 0.1;
const MAX_MARGIN_MS = 2000;

/**
 * Renews a task's lease and its slot three times in the life of a lease. The lease has an end here too, which no message is
 * needed for: so long after its last renewal was asked for, minus a margin. When it has come, or another worker has taken the
 * task over, its {@linkcode lost} signal aborts, and whatever is under way for the task must end.
 */
export class LeaseKeeper implements Disposable {
  readonly #options: LeaseKeeperOptions;
  readonly #lost = new AbortController();
  readonly #timer: Disposable;
  /** When the renewal that holds was asked for. */
  #asked: Moment;
  #slot: AcquiredScanner | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    const { askedAt = performance.now() } = options.claim;
    this.#asked = { monotonic: askedAt, wall: Date.now() - (performance.now() - askedAt) };
    this.#timer = options.wheel.every(options.leaseMs / 3, () => void this.#renew());
  }

  /** Aborts with a `stale_lease` when the lease is no longer ours. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Asked before everything that changes something. @throws {NmcpError} `stale_lease` when the lease has ended here */
  requireHeld(): void {
    if (!this.#lost.signal.aborted && this.#isOver()) this.#lose('has ended');
    this.#lost.signal.throwIfAborted();
  }

  /** Renews this slot too, from now on. */
  holdSlot(slot: AcquiredScanner): void {
    this.#slot = slot;
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  /** A machine that slept has another wall clock, and one whose clock was set has not: the later of the two counts. */
  #isOver(): boolean {
    const { leaseMs } = this.#options;
    const elapsed = Math.max(performance.now() - this.#asked.monotonic, Date.now() - this.#asked.wall);
    return elapsed > leaseMs - Math.min(MAX_MARGIN_MS, MARGIN * leaseMs);
  }

  #lose(why: string): void {
    const { claim } = this.#options;
    this.#lost.abort(new NmcpError('stale_lease', `The lease of task ${claim.entry.task_id} ${why}`));
  }

  async #renew(): Promise<void> {
    const { queue, claim, leaseMs, onFailure } = this.#options;
    if (this.#lost.signal.aborted) return;
    const asked = { monotonic: performance.now(), wall: Date.now() };
    try {
      if (!(await queue.renew(claim, leaseMs))) return this.#lose('was lost');
      this.#asked = asked;
      await this.#slot?.renew(leaseMs);
    } catch (error) {
      onFailure(messageOf(error));
      if (this.#isOver()) this.#lose('has ended');
    }
  }
}

/** A moment on both clocks, in milliseconds. */
interface Moment {
  monotonic: number;
  wall: number;
}
