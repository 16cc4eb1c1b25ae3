import type { IndexedTask } from './indexed_task.ts';

/** Tasks that have something in common. */
export class TaskGroups {
  readonly #groups = new Map<string, IndexedTask[]>();

  get(key: string): readonly IndexedTask[] {
    return this.#groups.get(key) ?? [];
  }

  add(key: string, task: IndexedTask): void {
    const group = this.#groups.get(key);
    if (group) group.push(task);
    else this.#groups.set(key, [task]);
  }

  remove(key: string, task: IndexedTask): void {
    const group = this.#groups.get(key) ?? [];
    const at = group.indexOf(task);
    if (at >= 0) group.splice(at, 1);
    if (group.length === 0) this.#groups.delete(key);
  }

  /** Of the groups of which one task is meant, all. */
  where(isMeant: (one: IndexedTask) => boolean): IndexedTask[] {
    const found: IndexedTask[] = [];
    for (const group of this.#groups.values()) if (group[0] && isMeant(group[0])) found.push(...group);
    return found;
  }
}
