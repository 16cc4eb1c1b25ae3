import { join } from 'node:path';
import { removeParts } from '@nmcp/files';
import { type IndexRow, readIndex, writeIndex } from './index_file.ts';
import type { TaskIndex } from './task_index.ts';

/** In the data directory. */
const FILE = '.task-index';
/** It is written again when this part of it has changed, at most so often, in milliseconds. */
const CHANGED = 0.05;
const EVERY_MS = 300_000;

/**
 * Keeps a copy of the index in the data directory, so that a process that starts need not read every task. Whoever reads it
 * compares each task with its file before it believes anything, so the copy may be old, missing or of another folder.
 */
export class IndexSaver {
  readonly #path: string;
  readonly #folder: string;
  readonly #index: TaskIndex;
  readonly #onlyReads: boolean;
  #saved = 0;
  #savedAt = Number.NEGATIVE_INFINITY;

  constructor(dataDir: string, index: TaskIndex, { onlyReads }: { onlyReads: boolean }) {
    this.#folder = dataDir;
    this.#path = join(dataDir, FILE);
    this.#index = index;
    this.#onlyReads = onlyReads;
  }

  /** What was saved; nothing where that is damaged, or of another version of this program. */
  async *read(): AsyncGenerator<IndexRow[]> {
    let rows = 0;
    for await (const some of readIndex(this.#path)) {
      rows += some.length;
      yield some;
    }
    this.#saved = rows;
  }

  /** Saves it in the background if enough has changed. A disk that takes nothing costs the next start some time. */
  saveIfWorth(): void {
    const { size, changes } = this.#index;
    const isTime = performance.now() - this.#savedAt > EVERY_MS;
    if (this.#onlyReads || !isTime || changes - this.#saved < CHANGED * size) return;
    this.#saved = changes;
    this.#savedAt = performance.now();
    void this.#save().catch(() => {});
  }

  async #save(): Promise<void> {
    await removeParts(join(this.#folder, FILE)); // of processes that were killed while they wrote
    await writeIndex(this.#path, this.#index.values());
  }
}
