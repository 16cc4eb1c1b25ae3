/** Shorter values occur in ordinary text: v3.0's example has the password `nessus`. */
const SHORTEST = 8;

/** Values that no log line may contain, wherever they turn up: in a message, or in the error of a library. */
export class SecretValues {
  readonly #values = new Set<string>();
  #pattern: RegExp | undefined;

  /** Adds values, as they are and as they occur in JSON and URLs; `undefined` and short ones are ignored. */
  add(...values: readonly (string | undefined)[]): void {
    for (const value of values) {
      if (value === undefined || value.length < SHORTEST) continue;
      const inJson = JSON.stringify(value).slice(1, -1);
      for (const form of [value, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(value)])
        this.#values.add(form);
    }
    const longestFirst = [...this.#values].sort((a, b) => b.length - a.length);
    this.#pattern =
      longestFirst.length === 0 ? undefined : new RegExp(longestFirst.map(escapePattern).join('|'), 'g');
  }

  /** A text without them. */
  censor(text: string): string {
    return this.#pattern ? text.replace(this.#pattern, '[redacted]') : text;
  }
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
