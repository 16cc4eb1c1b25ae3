/** Milliseconds that one slot of the wheel covers: a wait ends at most so much late. */
const TICK_MS = 10;

/**
 * All waits of a worker on one timer. Hundreds of running scans each wait for their next look and their next renewal;
 * those that fall into the same few milliseconds are woken together.
 */
export class TimerWheel {
  /** Ticks since the origin of `performance.now()`, with those to wake then. */
  readonly #slots = new Map<number, Set<() => void>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  /** Waits, or throws the signal's reason as soon as it aborts. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(signal.reason);
      };
      const cancel = this.after(ms, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** Calls once. @returns a function that takes the call back */
  after(ms: number, action: () => void): () => void {
    const tick = Math.ceil((performance.now() + Math.max(0, ms)) / TICK_MS);
    const slot = this.#slots.get(tick) ?? new Set();
    slot.add(action);
    this.#slots.set(tick, slot);
    if (tick < this.#armedFor) this.#arm(tick);
    return () => {
      slot.delete(action);
      if (slot.size > 0 || this.#slots.get(tick) !== slot) return;
      this.#slots.delete(tick);
      if (this.#slots.size === 0) this.#disarm(); // so that an idle wheel holds no process up
    };
  }

  /** Calls again and again until the answer is disposed of. */
  every(ms: number, action: () => void): Disposable {
    let cancel: () => void;
    const next = (): void => {
      cancel = this.after(ms, () => {
        next();
        action();
      });
    };
    next();
    return { [Symbol.dispose]: () => cancel() };
  }

  #arm(tick: number): void {
    clearTimeout(this.#timer);
    this.#armedFor = tick;
    this.#timer = setTimeout(() => this.#turn(), Math.max(0, tick * TICK_MS - performance.now()));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #turn(): void {
    this.#disarm();
    const now = performance.now() / TICK_MS;
    const due = [...this.#slots.keys()].filter((tick) => tick <= now + 0.1).sort((a, b) => a - b);
    for (const tick of due) {
      const slot = this.#slots.get(tick);
      this.#slots.delete(tick);
      for (const action of slot ?? []) action();
    }
    if (this.#slots.size === 0) return;
    const next = Math.min(...this.#slots.keys());
    if (next < this.#armedFor) this.#arm(next);
  }
}
