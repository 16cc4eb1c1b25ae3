import type { Clock } from '@nmcp/types';

/** Invalid tokens that an address may send per window. */
const MAX_FAILURES = 20;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; the oldest are forgotten first. */
const MAX_ADDRESSES = 10_000;

/** Limits guessing of tokens: after too many invalid ones, an address is rejected until the end of its minute. */
export class FailureLimit {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  count(address: string): void {
    const now = this.#clock();
    const known = this.#failures.get(address);
    const entry = known && known.until > now ? known : { count: 0, until: now + WINDOW_MS };
    entry.count++;
    this.#failures.delete(address);
    this.#failures.set(address, entry);
    if (this.#failures.size > MAX_ADDRESSES) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
  }

  /** 0 when the address may try. */
  secondsToWait(address: string): number {
    const entry = this.#failures.get(address);
    if (!entry || entry.count < MAX_FAILURES) return 0;
    return Math.max(0, Math.ceil((entry.until - this.#clock()) / 1000));
  }
}
