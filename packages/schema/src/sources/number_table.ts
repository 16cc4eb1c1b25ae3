const FIRST_PLACES = 16;

/** Numbers by hashes, see `hashText`: what a `Map` would hold in three times the memory, all of which the collector would walk. */
export class NumberTable {
  /** Each plus one; 0 where there is none. Twice as many places are taken when seven in eight are full. */
  #keys = new Float64Array(FIRST_PLACES);
  #values = new Float64Array(FIRST_PLACES);
  #size = 0;

  get(key: number): number | undefined {
    const place = this.#placeOf(key);
    return this.#keys[place] === 0 ? undefined : this.#values[place];
  }

  set(key: number, value: number): void {
    let place = this.#placeOf(key);
    if (this.#keys[place] === 0) {
      this.#size++;
      if (this.#size * 8 > this.#keys.length * 7) {
        this.#grow();
        place = this.#placeOf(key);
      }
      this.#keys[place] = key + 1;
    }
    this.#values[place] = value;
  }

  /** What was set, in no order. */
  *values(): Generator<number> {
    for (const [place, key] of this.#keys.entries()) if (key !== 0) yield this.#values[place] ?? 0;
  }

  #placeOf(key: number): number {
    const last = this.#keys.length - 1;
    let place = (key >>> 0) & last; // the last bits of a hash are as good as any
    while (this.#keys[place] !== 0 && this.#keys[place] !== key + 1) place = (place + 1) & last;
    return place;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Float64Array(keys.length * 2);
    this.#values = new Float64Array(keys.length * 2);
    for (const [old, key] of keys.entries()) {
      if (key === 0) continue;
      const place = this.#placeOf(key - 1);
      this.#keys[place] = key;
      this.#values[place] = values[old] ?? 0;
    }
  }
}
