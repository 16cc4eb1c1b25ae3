import type { Finding } from './finding.ts';
import { isHostField } from './host_facts.ts';
import { variantOf } from './written_text.ts';

/**
 * Remembers what was made of a finding for all that are like it on other hosts. What is made may depend on everything but the host,
 * its fields and the output. A finding that was changed since it was read gets its own.
 */
export class VariantMemo<T> {
  readonly #known = new WeakMap<Finding, T>();
  readonly #make: (finding: Finding) => T;

  constructor(make: (finding: Finding) => T) {
    this.#make = make;
  }

  of(finding: Finding): T {
    const like = variantOf(finding);
    if (!isLike(finding, like)) return this.#make(finding);
    const known = this.#known.get(like);
    if (known !== undefined) return known;
    const made = this.#make(finding);
    this.#known.set(like, made);
    return made;
  }
}

/** Whether a finding still says what it was read with, but for its host and output. */
function isLike(finding: Finding, like: Finding): boolean {
  if (finding === like) return true;
  for (const name in like) {
    if (finding[name] !== like[name] && !differsByHost(name)) return false;
  }
  return true;
}

/** Whether a field is another one on each host; lists of files are told by findings, too. */
export function differsByHost(field: string): boolean {
  return field === 'plugin_output' || field === 'sources' || isHostField(field);
}
