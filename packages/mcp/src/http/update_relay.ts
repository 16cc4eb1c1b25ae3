/** Stops a watch. */
type Stop = () => void;

/** Reports a change of each URI once, however many streams wait for it. */
export class UpdateRelay {
  readonly #tell: (uri: string) => void;
  /** Streams by URI; the first one reports. */
  readonly #streams = new Map<string, Set<object>>();

  constructor(tell: (uri: string) => void) {
    this.#tell = tell;
  }

  /**
   * @param watch begins to watch for one stream, or throws when it may not
   * @returns a function that removes a stream
   */
  async wait(uri: string, watch: (onChange: () => void) => Promise<Stop>): Promise<Stop> {
    const stream = {};
    const stop = await watch(() => {
      const [first] = this.#streams.get(uri) ?? [];
      if (first === stream) this.#tell(uri);
    });
    const streams = this.#streams.get(uri) ?? new Set();
    this.#streams.set(uri, streams.add(stream));
    return () => {
      stop();
      streams.delete(stream);
      if (streams.size === 0 && this.#streams.get(uri) === streams) this.#streams.delete(uri);
    };
  }
}
