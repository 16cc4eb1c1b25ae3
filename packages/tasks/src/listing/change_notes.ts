import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileLooks } from '@nmcp/files';
import { isTaskId, type TaskId } from '@nmcp/types';

/** That a task is about to be changed. */
export interface ChangeNote {
  id: TaskId;
  /** The version that it is about to get; {@linkcode REMOVED} when it is about to go. */
  version: number;
}

/** The version of a note of a task that is about to be removed. */
export const REMOVED: number = Number.MAX_SAFE_INTEGER;

/** Its name in the data directory. */
export const NOTES_FOLDER = '.task-notes';
/** A file of notes of this size is followed by a new one. */
const MAX_BYTES = 1 << 18;
/** Nobody needs notes of this age, in milliseconds: what they told of is found by looking. */
const OLD_MS = 600_000;
/** Milliseconds between two looks for old ones. */
const CLEANING_MS = 60_000;

/**
 * Notes of tasks that are about to be changed, by all processes on a data directory: each has a file of its own, and adds a
 * line to it before it commits a change. So whoever reads the notes after a change knows which folder to look at, and for
 * which version. They make lists quick, and nothing depends on them: a note that could not be written, or that a program
 * knows nothing of, is made up for by looking at the folders.
 *
 * There are none before somebody asks for them, since a small data directory needs none.
 */
export class ChangeNotes {
  readonly #folder: string;
  readonly #looks: FileLooks;
  readonly #writer = randomBytes(6).toString('hex');
  #file = 0;
  /** How far others' files are read. */
  readonly #read = new Map<string, { ino: number; size: number }>();
  #cleanedAt = Number.NEGATIVE_INFINITY;

  constructor(dataDir: string, looks: FileLooks = new FileLooks(dataDir)) {
    this.#folder = join(dataDir, NOTES_FOLDER);
    this.#looks = looks;
  }

  /** Asks all processes for notes, from now on. */
  async begin(): Promise<void> {
    await mkdir(this.#folder, { mode: 0o700 }).catch(() => {}); // it is there, or cannot be
  }

  /** Notes a change before it is made. What cannot be noted is changed all the same. */
  async write({ id, version }: ChangeNote): Promise<void> {
    try {
      // opened and closed each time: over a network others see it from then on
      const file = await open(join(this.#folder, `${this.#writer}.${this.#file}`), 'a', 0o600);
      let size: number;
      try {
        // begins a line of its own, whatever a full disk has cut before
        await file.appendFile(`\n${id} ${version}\n`);
        size = (await file.stat()).size;
      } finally {
        await file.close();
      }
      if (size > MAX_BYTES) this.#file++;
      await this.#clean();
    } catch {
      // nobody has asked for notes, or the disk is full
    }
  }

  /** What others have noted since the last time. */
  async readNew(): Promise<ChangeNote[]> {
    const names = await this.#names();
    const found: ChangeNote[] = [];
    for (const name of names) {
      if (name.startsWith(this.#writer)) continue;
      found.push(...(await this.#readFrom(name).catch(() => []))); // removed meanwhile, or not to be read
    }
    for (const name of this.#read.keys()) if (!names.includes(name)) this.#read.delete(name);
    return found;
  }

  async #readFrom(name: string): Promise<ChangeNote[]> {
    const path = join(this.#folder, name);
    const known = this.#read.get(name);
    // over a network only who opens a file hears what is in it by now
    const seen = (await this.#looks.areLocal()) ? await this.#looks.lookAt(path) : undefined;
    if (seen && seen.ino === known?.ino && seen.size === known.size) return [];
    const file = await open(path, 'r');
    try {
      const { ino, size } = await file.stat();
      const start = known?.ino === ino && known.size <= size ? known.size : 0;
      if (start === size) return [];
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
      const whole = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1; // the rest is being written
      this.#read.set(name, { ino, size: start + whole });
      return buffer.toString('utf8', 0, whole).split('\n').flatMap(noteOf);
    } finally {
      await file.close();
    }
  }

  /** Files of processes that have written nothing for long, most of which have ended. */
  async #clean(): Promise<void> {
    if (performance.now() - this.#cleanedAt < CLEANING_MS) return;
    this.#cleanedAt = performance.now();
    const ages = new Map<string, number>();
    for (const name of await this.#names()) ages.set(name, (await stat(join(this.#folder, name))).mtimeMs);
    const now = Math.max(...ages.values()); // by the clock of the file system: that of what was just written
    for (const [name, at] of ages) if (now - at > OLD_MS) await rm(join(this.#folder, name), { force: true });
  }

  /** None where nobody has asked for notes, or they cannot be read. */
  #names(): Promise<string[]> {
    return readdir(this.#folder).catch(() => []);
  }
}

function noteOf(line: string): ChangeNote[] {
  const [id, version] = line.split(' ');
  return isTaskId(id) && /^\d{1,16}$/.test(version ?? '') ? [{ id, version: Number(version) }] : [];
}
