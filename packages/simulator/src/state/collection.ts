import { notFound } from './refusal.ts';

/** Things with ids, in the order in which they were made. */
export class Collection<T extends { id: number }> {
  readonly #items = new Map<number, T>();
  #nextId: number;

  constructor(items: readonly T[], nextId: number) {
    for (const item of items) this.#items.set(item.id, item);
    this.#nextId = nextId;
  }

  list(): T[] {
    return [...this.#items.values()];
  }

  /** @throws {Refusal} 404 */
  get(id: number): T {
    const item = this.#items.get(id);
    if (!item) throw notFound();
    return item;
  }

  add(make: (id: number) => T): T {
    const item = make(this.#nextId++);
    this.#items.set(item.id, item);
    return item;
  }

  /** @throws {Refusal} 404 */
  change(id: number, fields: Partial<T>): T {
    const item = { ...this.get(id), ...fields, id };
    this.#items.set(id, item);
    return item;
  }

  /** @throws {Refusal} 404 */
  remove(id: number): void {
    this.get(id);
    this.#items.delete(id);
  }

  /** Removes those that there are. @returns their ids */
  removeMany(ids: readonly number[]): number[] {
    return ids.filter((id) => this.#items.delete(id));
  }
}
