import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, storing } from '@nmcp/files';
import { isTaskId, type TaskId } from '@nmcp/types';

/** Stands beside a copy that is whole, and says whose it is; its time is that of the copy's last use. */
export const COPY_NOTE = '.fence';

/** What a copy consists of; the note goes first, so that no half of one is taken for a copy. */
const FILES = [COPY_NOTE, 'scan_native.nessus', 'findings.db'];
/** A question about a copy may go on for this long. */
const IN_USE_MS = 300_000;
const TOUCH_MS = 60_000;

interface Copy {
  id: TaskId;
  bytes: number;
  usedAt: number;
}

/** The copies of exports in the folders of tasks: those that were not used for longest make room for others. */
export class LocalCopies {
  readonly #dataDir: string;
  readonly #maxBytes: number;
  readonly #touched = new Map<TaskId, number>();

  constructor(dataDir: string, maxBytes: number) {
    this.#dataDir = dataDir;
    this.#maxBytes = maxBytes;
  }

  /** Notes that a copy is used. */
  async touch(id: TaskId): Promise<void> {
    const now = performance.now();
    if (now - (this.#touched.get(id) ?? Number.NEGATIVE_INFINITY) < TOUCH_MS) return;
    this.#touched.set(id, now);
    const at = new Date();
    await utimes(join(this.#dataDir, id, COPY_NOTE), at, at).catch(() => {}); // another process may have dropped it
  }

  /** Drops copies until so many bytes more are within the limit; those that may be in use stay. @throws {NmcpError} `storage` */
  async makeRoom(bytes: number): Promise<void> {
    const copies = await this.#all();
    let total = bytes + copies.reduce((sum, copy) => sum + copy.bytes, 0);
    for (const copy of copies.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total <= this.#maxBytes || Date.now() - copy.usedAt < IN_USE_MS) return;
      for (const name of FILES) {
        const path = join(this.#dataDir, copy.id, name);
        await storing(path, () => rm(path, { force: true }));
      }
      this.#touched.delete(copy.id);
      total -= copy.bytes;
    }
  }

  async #all(): Promise<Copy[]> {
    const names: string[] = await readdir(this.#dataDir).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    const copies: Copy[] = [];
    for (const id of names.filter(isTaskId)) {
      const [note, ...files] = await Promise.all(
        FILES.map((name) => stat(join(this.#dataDir, id, name)).catch(() => undefined)),
      );
      if (note)
        copies.push({
          id,
          bytes: files.reduce((sum, file) => sum + (file?.size ?? 0), 0),
          usedAt: note.mtimeMs,
        });
    }
    return copies;
  }
}
