/** Lets waiters sleep until something happens, without losing what happens before they sleep. */
export class WakeUp {
  #waiters = new Set<() => void>();

  /** Wakes all that wait. */
  notify(): void {
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const wake of waiters) wake();
  }

  /**
   * Begins to listen at once and resolves at the next {@linkcode notify}, after `ms`, or when the signal aborts.
   * Call it before looking for work, await it after finding none.
   */
  wait(ms: number, signal?: AbortSignal): { promise: Promise<void>; cancel: () => void } {
    let wake = (): void => {};
    const promise = new Promise<void>((resolve) => {
      wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#waiters.delete(wake);
        resolve();
      };
      const timer = setTimeout(() => wake(), ms);
      this.#waiters.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
      if (signal?.aborted) wake();
    });
    return { promise, cancel: wake };
  }
}
