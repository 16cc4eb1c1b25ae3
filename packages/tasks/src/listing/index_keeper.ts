import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { errorCode, type FileLooks } from '@nmcp/files';
import { isFinal, isNmcpError, isTaskId, messageOf, type TaskId } from '@nmcp/types';
import { listedTask } from '../listed_task.ts';
import { isDamaged } from '../parse_task.ts';
import { isSameFile, type TaskReader } from '../task_reader.ts';
import { versionPath } from '../task_versions.ts';
import { type ChangeNote, ChangeNotes, NOTES_FOLDER } from './change_notes.ts';
import { FolderNames, type ReadNames } from './folder_names.ts';
import { IndexSaver } from './index_saver.ts';
import type { FileMark } from './indexed_task.ts';
import { Rotation } from './rotation.ts';
import { Suspects } from './suspects.ts';
import { TaskIndex } from './task_index.ts';

/** Tasks that have ended are looked at in turn, so many for each list. */
const ENDED_AT_ONCE = 20;
/** A list relies on names that were read, and on open tasks that were looked at, within so many milliseconds. */
const NAMES_MS = 5000;
const OPEN_MS = 15_000;
/** Between two looks at what nobody has noted, and how long they go on in the background after the last list. */
const TICK_MS = 500;
const IDLE_MS = 10_000;
/** Looks of one tick. */
const TICK_OPEN = 2000;
const TICK_ENDED = 100;
/** Names are read again, in the background, at most for this part of the time. */
const READING_SHARE = 0.1;
/** Milliseconds without a pause for whatever else the process does. */
const SLICE_MS = 5;

/** Options of {@linkcode IndexKeeper}. */
export interface IndexKeeperOptions {
  dataDir: string;
  reader: TaskReader;
  looks: FileLooks;
  /** Told once of each state in which a task cannot be read. */
  onDamaged: (taskId: TaskId, error: unknown) => void;
  /** Writes nothing into the folder. @default false */
  onlyReads?: boolean | undefined;
  /** Up to so many folders are all looked at for each list, as if there were no index. @default 500 */
  atOnce?: number | undefined;
}

/**
 * Keeps the index of a data directory, which is in the memory of each process. The folders are the truth: what the index says
 * of a task is what its files said when they were last looked at, and before a list is answered these are looked at again:
 *
 * - those of which somebody has noted, before the commit, that they are about to be changed, this process or another one;
 * - those that came or went since the names in the folder were read, at most {@linkcode NAMES_MS} ago;
 * - twice a second, those that go on, or cannot be read: up to `atOnce` at a time, all within {@linkcode OPEN_MS}.
 *
 * A task that has ended does not change. That its files were all the same exchanged by hand is seen in turn.
 */
export class IndexKeeper {
  readonly #options: IndexKeeperOptions;
  readonly #atOnce: number;
  readonly #index = new TaskIndex();
  readonly #suspects = new Suspects();
  readonly #notes: ChangeNotes;
  readonly #names: FolderNames;
  readonly #saver: IndexSaver;
  /** Folders that are no task yet. */
  readonly #empty = new Set<TaskId>();
  /** Tasks that cannot be read, why, and the file of which that was found. */
  readonly #unread = new Map<TaskId, { error: unknown; file: FileMark | undefined }>();
  readonly #open = new Rotation(() => this.#restless());
  readonly #all = new Rotation(() => this.#index.ids());
  #state: 'unasked' | 'building' | 'whole' = 'unasked';
  #askedAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #next: Promise<TaskIndex> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: IndexKeeperOptions) {
    const { dataDir, looks, onlyReads = false, atOnce = 500 } = options;
    this.#options = options;
    this.#atOnce = atOnce;
    this.#notes = new ChangeNotes(dataDir, looks);
    this.#names = new FolderNames(dataDir, looks);
    this.#saver = new IndexSaver(dataDir, this.#index, { onlyReads });
  }

  /** Says that this process is about to commit a change. It never fails, since nothing depends on it. */
  async changing(note: ChangeNote): Promise<void> {
    if (this.#state !== 'unasked') this.#suspects.add(note);
    await this.#notes.write(note);
    if (this.#suspects.size > this.#atOnce && this.#state === 'whole')
      void this.#inTurn(() => this.#lookAtSuspects());
  }

  /** Says that a task differs from what the index has said of it. */
  differs(id: TaskId): void {
    this.#suspects.add({ id, version: 0 });
  }

  /** The index as of now. What is asked for at the same moment is looked at once. @throws what the folder cannot be read for */
  current(): Promise<TaskIndex> {
    this.#askedAt = performance.now();
    this.#next ??= this.#inTurn(async () => {
      this.#next = undefined; // who asks from now on may have changed something that is passed by then
      await this.#refresh();
      return this.#index;
    });
    return this.#next;
  }

  /** Looks at all folders. @returns those that cannot be read, and why */
  async unread(): Promise<Map<TaskId, unknown>> {
    await this.#inTurn(async () => {
      await this.#refresh();
      await this.#lookAtAll(this.#index.ids());
    });
    return new Map([...this.#unread].map(([id, { error }]) => [id, error]));
  }

  /** One thing after the other changes the index. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #refresh(): Promise<void> {
    const begun = performance.now();
    if (this.#state === 'unasked') {
      this.#state = 'building'; // changes from here on are suspects
      for await (const rows of this.#saver.read())
        for (const [task, file] of rows) {
          this.#index.put(task, file);
          this.differs(task.task_id); // until it was looked at
        }
    }
    for (const note of await this.#notes.readNew()) this.#suspects.add(note);
    await this.#lookForNames();
    await this.#lookAtSuspects();
    if (this.#state === 'building') this.#open.seenAll(begun);
    else await this.#lookAround();
    this.#state = 'whole';
    if (this.#isSmall()) return;
    this.#saver.saveIfWorth();
    this.#timer ??= setTimeout(() => void this.#tick(), TICK_MS).unref();
  }

  #isSmall(): boolean {
    return this.#index.size + this.#empty.size + this.#unread.size <= this.#atOnce;
  }

  async #lookForNames(): Promise<void> {
    if (await this.#names.areCurrent()) return;
    const isRecent = performance.now() - this.#names.begun < NAMES_MS;
    if (!isRecent || this.#isSmall()) await this.#readNames();
  }

  async #readNames(): Promise<void> {
    let read = await this.#names.read();
    const isNoted = this.#options.onlyReads || read.names.includes(NOTES_FOLDER);
    if (!isNoted && read.names.filter(isTaskId).length > this.#atOnce) {
      await this.#notes.begin();
      read = await this.#names.read(); // with what came before there were notes
    }
    this.#compare(read);
  }

  /** Suspects what came and went. */
  #compare({ names }: ReadNames): void {
    let known = 0;
    for (const name of names)
      if (this.#knows(name as TaskId)) known++;
      else if (isTaskId(name)) this.differs(name);
    if (known === this.#index.size + this.#empty.size + this.#unread.size) return;
    const there = new Set(names);
    for (const ids of [this.#index.ids(), this.#restless()])
      for (const id of ids) if (!there.has(id)) this.differs(id);
  }

  #knows(id: TaskId): boolean {
    return this.#index.get(id) !== undefined || this.#empty.has(id) || this.#unread.has(id);
  }

  async #lookAtSuspects(): Promise<void> {
    await this.#lookAtAll(this.#suspects.ids());
    this.#suspects.settle((id) => this.#index.get(id)?.version);
  }

  /** At what can have been changed by somebody who notes nothing. */
  async #lookAround(): Promise<void> {
    if (this.#isSmall()) return await this.#lookAtAll([...this.#restless(), ...this.#index.ids()]);
    if (performance.now() - this.#lookedAt < TICK_MS) return;
    this.#lookedAt = performance.now();
    const isMuch = this.#index.openSize + this.#empty.size + this.#unread.size > this.#atOnce;
    const isLate = isMuch && performance.now() - this.#open.roundAt > OPEN_MS;
    await this.#lookAtAll(this.#open.take(isLate ? Number.POSITIVE_INFINITY : this.#atOnce));
    await this.#lookAtAll(this.#all.take(ENDED_AT_ONCE));
  }

  *#restless(): Generator<TaskId, undefined> {
    yield* this.#index.openIds();
    yield* this.#empty;
    yield* this.#unread.keys();
    return undefined;
  }

  async #tick(): Promise<void> {
    this.#timer = undefined;
    if (performance.now() - this.#askedAt > IDLE_MS) return;
    try {
      const isTime = performance.now() - this.#names.begun > Math.max(1000, this.#names.took / READING_SHARE);
      const read = isTime && !(await this.#names.areCurrent()) ? await this.#names.read() : undefined;
      await this.#inTurn(async () => {
        if (read?.begun === this.#names.begun) this.#compare(read);
        await this.#lookAtSuspects();
        this.#lookedAt = performance.now();
        await this.#lookAtAll(this.#open.take(TICK_OPEN));
        await this.#lookAtAll(this.#all.take(TICK_ENDED));
      });
      this.#saver.saveIfWorth();
    } catch {
      // the next list says what cannot be read
    }
    this.#timer ??= setTimeout(() => void this.#tick(), TICK_MS).unref();
  }

  async #lookAtAll(ids: Iterable<TaskId>): Promise<void> {
    let begun = performance.now();
    let group: Promise<void>[] = [];
    for (const id of ids) {
      group.push(this.#lookAt(id));
      if (group.length < 64) continue; // files at a time
      await Promise.all(group);
      group = [];
      if (performance.now() - begun < SLICE_MS) continue;
      await setImmediate(); // a look at a file need not leave the thread
      begun = performance.now();
    }
    await Promise.all(group);
  }

  async #lookAt(id: TaskId): Promise<void> {
    const { dataDir, looks, reader, onDamaged } = this.#options;
    const folder = join(dataDir, id);
    const known = this.#index.get(id);
    const before = this.#unread.get(id);
    let file: FileMark | undefined;
    try {
      file = await looks.lookAt(join(folder, 'task.json'));
      if (known && isSameFile(file, known)) {
        if (isFinal(known.status)) return;
        if (!(await looks.lookAt(versionPath(folder, known.version + 1)))) return;
      }
      if (before && isDamaged(before.error) && isSameFile(file, before.file)) return;
      const read = await reader.loadNew(id);
      this.#index.put(listedTask(read.task), read.file ?? NO_FILE);
      this.#unread.delete(id);
      this.#empty.delete(id);
    } catch (error) {
      if (isNmcpError(error, 'not_found') || errorCode(error) === 'ENOTDIR')
        return await this.#noteGone(id, folder);
      if (messageOf(before?.error) !== messageOf(error)) onDamaged(id, error);
      // what cannot be read at the moment stays as it was
      if (known && !isNmcpError(error, 'internal')) return;
      this.#index.delete(id);
      this.#empty.delete(id);
      this.#unread.set(id, { error, file });
    }
  }

  async #noteGone(id: TaskId, folder: string): Promise<void> {
    this.#index.delete(id);
    this.#unread.delete(id);
    const isThere = await this.#options.looks.lookAt(folder).catch(() => undefined);
    if (isThere) this.#empty.add(id);
    else this.#empty.delete(id);
  }
}

/** Of a task that is not shown yet: whatever is shown is something else. */
const NO_FILE: FileMark = { ino: 0, mtimeMs: 0, size: 0 };
