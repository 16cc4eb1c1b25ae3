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
   * Begins to listen at once, so that nothing that happens while the caller looks for work is missed. Await `sleep` after
   * finding none: it resolves at the next {@linkcode notify}, at once if there was one already, after `ms`, or when the
   * signal aborts.
   */
  listen(signal?: AbortSignal): { sleep: (ms: number) => Promise<void>; cancel: () => void } {
    let isAwake = false;
    let resolve: (() => void) | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wake = (): void => {
      isAwake = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      this.#waiters.delete(wake);
      resolve?.();
    };
    this.#waiters.add(wake);
    const sleep = (ms: number): Promise<void> =>
      new Promise((done) => {
        if (isAwake || signal?.aborted) return done();
        resolve = done;
        timer = setTimeout(wake, ms);
        signal?.addEventListener('abort', wake, { once: true });
      });
    return { sleep, cancel: wake };
  }
}
