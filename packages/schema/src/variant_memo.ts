import type { Finding } from './finding.ts';
import type { FoundFinding } from './found_finding.ts';

/**
 * Remembers what was made of a finding for all that are like it on other hosts. What is made may depend on everything but the host,
 * its fields and the output.
 */
export class VariantMemo<T> {
  readonly #known = new WeakMap<Finding, T>();
  readonly #make: (like: Finding) => T;

  constructor(make: (like: Finding) => T) {
    this.#make = make;
  }

  of({ like }: FoundFinding): T {
    const known = this.#known.get(like);
    if (known !== undefined || this.#known.has(like)) return known as T; // what was made may be nothing
    const made = this.#make(like);
    this.#known.set(like, made);
    return made;
  }
}
