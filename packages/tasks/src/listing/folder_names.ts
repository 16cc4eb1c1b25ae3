import { readdir } from 'node:fs/promises';
import { errorCode, type FileLooks } from '@nmcp/files';

/** Times of files can be as coarse as two seconds: what changed within them after a reading looks as if it had not. */
const SETTLED_MS = 2100;
/** Over a network what is said of a folder can be old, and it is read again after so long whatever is said. */
const REMOTE_MS = 60_000;

/** Names in a folder as they were at some time. */
export interface ReadNames {
  names: readonly string[];
  /** When the reading was begun, on `performance.now()`. */
  begun: number;
}

/** Tells, by one look, whether the names in a folder may have changed since they were read. */
export class FolderNames {
  readonly #folder: string;
  readonly #looks: FileLooks;
  #begun = Number.NEGATIVE_INFINITY;
  #took = 0;
  /** How the folder looks, and since when it has been seen to look like that. */
  #look = '';
  #since = 0;

  constructor(folder: string, looks: FileLooks) {
    this.#folder = folder;
    this.#looks = looks;
  }

  /** When the last reading was begun, on `performance.now()`. */
  get begun(): number {
    return this.#begun;
  }

  /** Milliseconds that the last one took. */
  get took(): number {
    return this.#took;
  }

  /** Whether nothing has come or gone since they were read. It compares no clocks. */
  async areCurrent(): Promise<boolean> {
    const now = performance.now();
    const folder = await this.#looks.lookAt(this.#folder);
    const look = folder ? `${folder.ino} ${folder.mtimeMs}` : '';
    if (look !== this.#look) this.#since = now;
    this.#look = look;
    if (this.#begun < this.#since + SETTLED_MS) return false;
    return now - this.#begun < REMOTE_MS || (await this.#looks.areLocal());
  }

  async read(): Promise<ReadNames> {
    const begun = performance.now();
    const names = await readdir(this.#folder).catch((error: unknown): string[] => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    this.#begun = Math.max(this.#begun, begun);
    this.#took = performance.now() - begun;
    return { names, begun };
  }
}
