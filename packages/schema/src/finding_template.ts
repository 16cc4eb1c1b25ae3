import type { Finding } from './finding.ts';
import type { HostFacts } from './host_facts.ts';
import { noteVariant } from './written_text.ts';

/**
 * Makes findings that are like one but for their host and output.
 *
 * An object that got many fields one by one is a dictionary to V8, and copying one costs 80 times as much as copying an object whose
 * shape is known. So the copies are made of objects that were parsed at once, one for each set of fields that hosts have.
 */
export class FindingTemplate {
  readonly #like: Finding;
  readonly #shapes = new Map<string, Finding>();
  #facts: HostFacts | undefined;
  #factNames = '';

  constructor(finding: Finding) {
    this.#like = noteVariant(withShape(finding), finding);
  }

  /** The finding on another host. */
  on(host: string, output: string | undefined, facts?: HostFacts): Finding {
    const finding: Finding = { ...this.#shapeFor(output !== undefined, facts) };
    finding.host = host;
    if (output !== undefined) finding.plugin_output = output;
    for (const field in facts) finding[field] = facts[field] ?? null;
    return noteVariant(finding, this.#like);
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
    const shape = withShape({ ...this.#like, ...output, ...facts });
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

/** Objects with the same fields in the same order, by the names of the fields: plugins have few sets of them. */
const shapes = new Map<string, Finding>();
const MAX_SHAPES = 1000;

/** The same, with a shape that is known. */
function withShape(finding: Finding): Finding {
  const fields = Object.keys(finding);
  const name = fields.join('\n');
  const known = shapes.get(name);
  const shape: Finding =
    known ?? JSON.parse(`{${fields.map((field) => `${JSON.stringify(field)}:null`).join()}}`);
  if (!known && shapes.size < MAX_SHAPES) shapes.set(name, shape); // the names come from documents
  const shaped = { ...shape };
  for (const field of fields) shaped[field] = finding[field] ?? null;
  return shaped;
}
