import { notFound } from './refusal.ts';

/** Files that were uploaded, by the names that they were given. */
export class Uploads {
  readonly #files = new Map<string, Uint8Array>();

  /** @returns its name here, which no other has */
  add(name: string, bytes: Uint8Array): string {
    let unique = name;
    for (let i = 1; this.#files.has(unique); i++) unique = `${name}-${i}`;
    this.#files.set(unique, bytes);
    return unique;
  }

  /** @throws {Refusal} 404 */
  get(name: string): Uint8Array {
    const bytes = this.#files.get(name);
    if (!bytes) throw notFound();
    return bytes;
  }
}
