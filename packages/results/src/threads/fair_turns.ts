import { NmcpError } from '@nmcp/types';

/** Gives a turn back. */
export type EndTurn = () => void;

interface Waiting {
  begin: () => void;
}

/** Turns of one share that may wait at a time. */
const MAX_WAITING = 64;

/**
 * A few turns at a time, fair between shares, such as callers: the shares that wait take it in turns, and one of several
 * never holds all of them.
 */
export class FairTurns {
  readonly #turns: number;
  readonly #ofShare: number;
  readonly #running = new Map<string, number>();
  /** Those who wait, by share; the share that has its turn next is the first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #held = 0;

  /**
   * @param turns at a time
   * @param ofShare those that one share may have
   */
  constructor(turns: number, ofShare: number = Math.max(1, turns - 1)) {
    this.#turns = turns;
    this.#ofShare = ofShare;
  }

  /**
   * Waits for a turn.
   *
   * @throws {NmcpError} `unavailable` when too many of the share wait already; the signal's reason when it is aborted
   */
  async take(share: string, signal?: AbortSignal): Promise<EndTurn> {
    signal?.throwIfAborted();
    if (!this.#mayBegin(share)) await this.#wait(share, signal);
    else this.#begin(share);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#end(share);
    };
  }

  #mayBegin(share: string): boolean {
    return this.#held < this.#turns && (this.#running.get(share) ?? 0) < this.#ofShare;
  }

  #begin(share: string): void {
    this.#held++;
    this.#running.set(share, (this.#running.get(share) ?? 0) + 1);
  }

  #wait(share: string, signal: AbortSignal | undefined): Promise<void> {
    const others = this.#waiting.get(share) ?? [];
    if (others.length >= MAX_WAITING)
      throw new NmcpError(
        'unavailable',
        `${others.length} of your questions about findings are waiting; wait for one to be answered`,
        { title: 'Too many questions' },
      );
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#forget(share, waiting);
        reject(signal?.reason);
      };
      const waiting = {
        begin: () => {
          signal?.removeEventListener('abort', leave);
          this.#begin(share);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      others.push(waiting);
      this.#waiting.set(share, others);
    });
  }

  #forget(share: string, waiting: Waiting): void {
    const left = (this.#waiting.get(share) ?? []).filter((each) => each !== waiting);
    if (left.length > 0) this.#waiting.set(share, left);
    else this.#waiting.delete(share);
  }

  #end(share: string): void {
    this.#held--;
    const running = (this.#running.get(share) ?? 1) - 1;
    if (running > 0) this.#running.set(share, running);
    else this.#running.delete(share);
    for (const [name, [next]] of this.#waiting) {
      if (!next || !this.#mayBegin(name)) continue;
      const left = this.#waiting.get(name)?.slice(1) ?? [];
      this.#waiting.delete(name);
      if (left.length > 0) this.#waiting.set(name, left); // behind the other shares
      next.begin();
    }
  }
}
