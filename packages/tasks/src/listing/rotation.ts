/** Goes round and round through a collection that changes meanwhile. */
export class Rotation<T> {
  readonly #all: () => Iterator<T>;
  #rest: Iterator<T> | undefined;
  #begunAt = 0;
  #roundAt = Number.NEGATIVE_INFINITY;

  /** @param all begins to go through it, and goes on to what is added */
  constructor(all: () => Iterator<T>) {
    this.#all = all;
  }

  /** When the last round that is complete was begun, on `performance.now()`. */
  get roundAt(): number {
    return this.#roundAt;
  }

  /** Says that all of them were seen from this time on. */
  seenAll(since: number): void {
    this.#roundAt = since;
  }

  /** The next ones, at most so many, and at most up to the end of a round after the one that is under way. */
  *take(count: number): Generator<T> {
    let rounds = 0;
    for (let taken = 0; taken < count; ) {
      if (!this.#rest) {
        if (rounds++ > 0) return;
        this.#rest = this.#all();
        this.#begunAt = performance.now();
      }
      const { done, value } = this.#rest.next();
      if (done) {
        this.#rest = undefined;
        this.#roundAt = this.#begunAt;
        if (rounds > 0) return;
        continue;
      }
      taken++;
      yield value;
    }
  }
}
