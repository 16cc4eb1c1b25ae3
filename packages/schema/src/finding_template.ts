import type { Finding } from './finding.ts';
import type { HostFacts } from './host_facts.ts';
import { noteVariant } from './written_text.ts';

/** Makes findings that are like one but for their host and output: copies of objects, one for each set of fields that hosts have. */
export class FindingTemplate {
  /** What the findings are like. */
  readonly like: Finding;
  readonly #shapes = new Map<string, Finding>();
  #facts: HostFacts | undefined;
  #factNames = '';

  constructor(finding: Finding) {
    this.like = finding;
  }

  /** The finding on another host. */
  on(host: string, output: string | undefined, facts?: HostFacts): Finding {
    const finding: Finding = { ...this.#shapeFor(output !== undefined, facts) };
    finding.host = host;
    if (output !== undefined) finding.plugin_output = output;
    for (const field in facts) finding[field] = facts[field] ?? null;
    return noteVariant(finding, this.like);
  }

  #shapeFor(hasOutput: boolean, facts: HostFacts | undefined): Finding {
    if (facts !== this.#facts) {
      this.#facts = facts;
      this.#factNames = facts === undefined ? '' : namesOf(facts);
    }
    const name = hasOutput ? this.#factNames : `${this.#factNames} without output`;
    const known = this.#shapes.get(name);
    if (known) return known;
    const output = hasOutput ? { plugin_output: '' } : {};
    const shape = { ...this.like, ...output, ...facts } as Finding; // what of the facts is absent is set by the caller
    this.#shapes.set(name, shape);
    return shape;
  }
}

const names = new WeakMap<HostFacts, string>();

/** Which facts there are of a host, put together once for all that was found on it. */
function namesOf(facts: HostFacts): string {
  const known = names.get(facts);
  if (known !== undefined) return known;
  const joined = Object.keys(facts).join();
  names.set(facts, joined);
  return joined;
}
