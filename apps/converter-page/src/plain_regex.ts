/**
 * Stands for re2js in the page: patterns come from the person who sits before it and can hang nobody else, and the page would
 * be too large with an engine of its own.
 */
export class RE2JS {
  static readonly CASE_INSENSITIVE: number = 1;
  readonly #pattern: RegExp;

  private constructor(pattern: string) {
    this.#pattern = new RegExp(pattern, 'i');
  }

  static compile(pattern: string): RE2JS {
    return new RE2JS(pattern);
  }

  programSize(): number {
    return 0;
  }

  matcher(text: string): { find(): boolean } {
    return { find: () => this.#pattern.test(text) };
  }
}
