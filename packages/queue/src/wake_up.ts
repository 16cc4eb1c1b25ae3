/** Lets waiters sleep until something happens, without losing what happens before they sleep. */
export class WakeUp {
  #waiters = new Set<() => void>();
  #turn = 0;

  /** Grows with each {@linkcode notify}: read it before looking for work, and give it to {@linkcode sleep}. */
  get turn(): number {
    return this.#turn;
  }

  /** Wakes all that wait. */
  notify(): void {
    this.#turn++;
    if (this.#waiters.size === 0) return;
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const wake of waiters) wake();
  }

  /** Resolves at the first notification since the turn, which may have been already, after `ms`, or when the signal aborts. */
  sleep(turn: number, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (turn !== this.#turn || signal?.aborted) return resolve();
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#waiters.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener('abort', wake, { once: true });
      this.#waiters.add(wake);
    });
  }
}
