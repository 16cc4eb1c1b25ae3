const NAME = /^[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*$/;
/** Names that are remembered as good; documents have a few dozen. */
const MAX_KNOWN = 4096;

/** Judges the names of elements, each once. */
export class ElementNames {
  readonly #maxLength: number;
  readonly #known = new Set<string>();

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** What is wrong with a name; `undefined` when nothing is. */
  faultOf(name: string): string | undefined {
    if (this.#known.has(name)) return undefined;
    if (name.length > this.#maxLength) return `An element name is longer than ${this.#maxLength} characters`;
    if (!NAME.test(name))
      return `Expected an element name after "<", found ${JSON.stringify(name.slice(0, 40))}`;
    if (this.#known.size < MAX_KNOWN) this.#known.add(name);
    return undefined;
  }
}
