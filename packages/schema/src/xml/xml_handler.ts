/** Receives the parts of a document in their order. */
export interface XmlHandler {
  /** A start tag; `attributes` is absent where the tag has none. */
  open(name: string, attributes: ReadonlyMap<string, string> | undefined): void;
  /** Text with its references decoded. One element's text can come in several pieces. */
  text(value: string): void;
  /** An end tag; called for `<a/>` too. */
  close(name: string): void;
  /**
   * May take a whole element whose start tag begins at an index of the text, and answers the index after it; -1 to have
   * it read by its parts, {@linkcode MORE_TEXT} to be asked again when more text has come. After an element was taken,
   * {@linkcode takenLines} says how many line ends it has.
   */
  take?(text: string, index: number): number;
  readonly takenLines?: number;
}

/** Answer of {@linkcode XmlHandler.take} when the text ends too early to decide. */
export const MORE_TEXT = -2;

/** Bounds that keep a hostile document from filling the memory. */
export interface XmlLimits {
  /** Elements within each other. @default 64 */
  maxDepth?: number;
  /** Characters of one text, comment or CDATA section. @default 67108864 */
  maxTokenLength?: number;
  /** Characters of an element's name. @default 1024 */
  maxNameLength?: number;
  /** Characters of a start tag's attributes together. @default 1048576 */
  maxAttributesLength?: number;
}
