import { readdirSync, readFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isNmcpError } from '@nmcp/types/core';
import { commitFile } from './commit_file.ts';
import { makeFolder } from './make_folder.ts';
import { errorCode, storageError, storing } from './storage_error.ts';
import { syncFolder } from './write_atomic.ts';

/** A version of something that several processes change. */
export interface Version {
  /** From 1. */
  number: number;
  text: string;
  /** Where it is. */
  path: string;
}

/** The versions of something that several processes change: the highest counts, and a change is the next one. */
export interface Versions {
  /** Number of the version that counts; 0 when there is none. */
  lastNumber(): Promise<number>;
  /** The version that counts. @throws {NmcpError} `storage`; `unavailable` where they are in a database */
  readLast(): Promise<Version | undefined>;
  /**
   * Commits a version.
   *
   * @returns false when it was not committed, or may have been and others have changed it since: look at what is there now,
   *   and decide again
   * @throws {NmcpError} `storage`; then it was not committed, or only its being on disk is uncertain. `unavailable`: nobody
   *   knows
   */
  commit(number: number, text: string): Promise<boolean>;
}

/** So many versions are kept, so that who has just read the name of one finds it. */
const KEPT = 4;

/**
 * The versions of something that several processes change: files named by their numbers, of which the highest counts. A
 * change is the next version, committed by a hard link to its name. There is no lock, so a process that is stopped at any
 * point, for however long, keeps nobody waiting, and changes nothing when it goes on that others have changed meanwhile.
 *
 * Old versions are removed, and their names can be taken again, by who was stopped since before they were taken the first
 * time. The highest is never removed, so such a name is never the highest: it changes nothing for readers, and `commit`
 * says that it has not committed it.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { VersionFolder } from '@nmcp/files';
 *
 * const counter = new VersionFolder(`${mkdtempSync('/tmp/files-')}/counter`);
 * const count = async (): Promise<void> => {
 *   const last = await counter.readLast();
 *   const isCommitted = await counter.commit((last?.number ?? 0) + 1, `${Number(last?.text ?? 0) + 1}`);
 *   if (!isCommitted) await count();
 * };
 * await count();
 * console.assert((await counter.readLast())?.text === '1');
 * ```
 */
export class VersionFolder implements Versions {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async lastNumber(): Promise<number> {
    return this.#lastNumber();
  }

  async readLast(): Promise<Version | undefined> {
    while (true) {
      const number = this.#lastNumber();
      if (number === 0) return undefined;
      const path = this.#pathOf(number);
      try {
        return { number, path, text: readFileSync(path, 'utf8') };
      } catch (error) {
        // removed since, and then there are later ones
        if (errorCode(error) !== 'ENOENT' || this.#lastNumber() === number)
          throw storageError(path, error, 'read');
      }
    }
  }

  async commit(number: number, text: string): Promise<boolean> {
    const made = await storing(this.#path, () => makeFolder(this.#path, 0o700));
    const isTaken = await commitFile(this.#pathOf(number), text).catch((error: unknown) => {
      // its temporary file was taken for one of a killed process, so it comes late
      if (isNmcpError(error, 'storage') && errorCode(error.cause) === 'ENOENT') return false;
      throw error;
    });
    if (!isTaken || this.#lastNumber() !== number) return false;
    await storing(this.#path, async () => {
      await syncFolder(this.#path);
      if (made) await syncFolder(dirname(this.#path));
    });
    await this.#removeOld(number - KEPT);
    return true;
  }

  #lastNumber(): number {
    return Math.max(0, ...this.#names().map(numberOf));
  }

  /** With the temporary files of those who were killed while they wrote old versions. */
  async #removeOld(upTo: number): Promise<void> {
    const old = this.#names().filter((name) => {
      const number = numberOf(name.replace(/\.\w+\.part$/, ''));
      return number > 0 && number <= upTo;
    });
    await Promise.all(old.map((name) => unlink(join(this.#path, name)).catch(() => {})));
  }

  #names(): string[] {
    try {
      return readdirSync(this.#path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw storageError(this.#path, error, 'read');
    }
  }

  #pathOf(number: number): string {
    return join(this.#path, String(number));
  }
}

/** 0 for a name of something else. */
function numberOf(name: string): number {
  return /^[1-9]\d{0,14}$/.test(name) ? Number(name) : 0;
}
