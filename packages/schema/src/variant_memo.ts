import type { FieldValue, Finding } from './finding.ts';
import { isHostField } from './host_facts.ts';
import { variantOf } from './written_text.ts';

/** What was made of a finding, and what the finding said then beside what differs by host. */
interface Made<T> {
  value: T;
  names: readonly string[];
  values: readonly FieldValue[];
}

/**
 * Remembers what was made of a finding for all that are like it on other hosts. What is made may depend on everything but the host,
 * its fields and the output. A finding that was changed since it was read gets its own.
 */
export class VariantMemo<T> {
  readonly #known = new WeakMap<Finding, Made<T>>();
  readonly #make: (finding: Finding) => T;

  constructor(make: (finding: Finding) => T) {
    this.#make = make;
  }

  of(finding: Finding): T {
    const like = variantOf(finding);
    const known = this.#known.get(like) ?? this.#note(like);
    return saysWhatWasSaid(finding, known) ? known.value : this.#make(finding);
  }

  #note(like: Finding): Made<T> {
    const names = Object.keys(like).filter((name) => !differsByHost(name));
    const made = { value: this.#make(like), names, values: names.map((name) => like[name] ?? null) };
    this.#known.set(like, made);
    return made;
  }
}

function saysWhatWasSaid(finding: Finding, { names, values }: Made<unknown>): boolean {
  for (let index = 0; index < names.length; index++)
    if (finding[names[index] ?? ''] !== values[index]) return false;
  return true;
}

/** Whether a field is another one on each host; lists of files are told by findings, too. */
export function differsByHost(field: string): boolean {
  return field === 'plugin_output' || field === 'sources' || isHostField(field);
}
