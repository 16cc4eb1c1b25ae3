import type { TaskId } from '@nmcp/types';
import { type ChangeNote, REMOVED } from './change_notes.ts';

/** For how many milliseconds a change that was noted is waited for: its writer may have been killed before it. */
const WAIT_MS = 600_000;

/** Tasks of which something else may be true than the index says, until they have been looked at. */
export class Suspects {
  readonly #wanted = new Map<TaskId, { version: number; since: number }>();

  get size(): number {
    return this.#wanted.size;
  }

  /** A version above 0 is waited for. */
  add({ id, version }: ChangeNote): void {
    const before = this.#wanted.get(id)?.version ?? 0;
    this.#wanted.set(id, { version: Math.max(before, version), since: performance.now() });
  }

  /** Those that there are now. */
  ids(): TaskId[] {
    return [...this.#wanted.keys()];
  }

  /** Drops those that are as far as was noted, after they were looked at. */
  settle(versionOf: (id: TaskId) => number | undefined): void {
    const now = performance.now();
    for (const [id, { version, since }] of this.#wanted) {
      const is = versionOf(id);
      const isDone = version === REMOVED ? is === undefined : version === 0 || (is ?? 0) >= version;
      if (isDone || now - since > WAIT_MS) this.#wanted.delete(id);
    }
  }
}
