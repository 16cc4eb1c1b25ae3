import { type Overview, type OverviewSources, readOverview } from '@nmcp/tasks';
import type { Task } from '@nmcp/types';

/** Milliseconds between two looks while somebody looks on. */
const LOOK_MS = 2000;

/** Tells pages of changes of the overview; looks only while there are listeners, once for all of them. */
export class OverviewWatch {
  readonly #sources: OverviewSources;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = '';

  constructor(sources: OverviewSources) {
    this.#sources = sources;
  }

  /** @returns what ends it */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#look(true);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  }

  #look(isFirst = false): void {
    void readOverview(this.#sources).then((overview) => {
      const text = essenceOf(overview);
      if (!isFirst && text !== this.#last) for (const listener of [...this.#listeners]) listener();
      this.#last = text;
      if (this.#listeners.size === 0) return;
      this.#timer = setTimeout(() => this.#look(), LOOK_MS);
      this.#timer.unref();
    });
  }
}

/** What a page shows of it. */
function essenceOf({ at: _, running, ended, ...rest }: Overview): string {
  const shown = ({ task_id, status, progress }: Task): unknown => [task_id, status, progress];
  return JSON.stringify([rest, running.map(shown), ended.map(shown)]);
}
