import { type AuditEntry, type AuditEvent, REPAIRED } from './audit_entry.ts';
import { type AuditKey, sha256 } from './audit_key.ts';
import { nextEntry, requireKey, type Sealing } from './audit_store.ts';
import {
  type CommittedLine,
  commitLine,
  endAfter,
  fits,
  forgetLines,
  pathAfter,
  readSuccessor,
  tidyBeside,
} from './committed_line.ts';
import { cutText, isOpen, type LogEnd, openLog, readAt, readLogEnd } from './log_end.ts';

/** What is committed and not in the log yet, what the log then ends with, and the name by which the next can be committed. */
interface Committed {
  lines: readonly CommittedLine[];
  end: LogEnd;
  free: string;
}

/**
 * Writes lines to a log that other processes write too, without a lock. Which line follows another is committed first, by a
 * hard link that one of several writers gets; with it goes where in the log the line begins. Whoever finds a committed line
 * that is not in the log yet writes it, always the same bytes at the same place. So a process may be stopped at any point for
 * however long: nobody waits for it, and what it does when it goes on is done already.
 *
 * When a line is on disk, what committed it is removed, and somebody who was stopped since before that can get the name. So
 * whoever has got one looks whether the log has another line in that place: it was there before the name was removed.
 */
export class LogWriter {
  readonly #path: string;
  #isTidy = false;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Writes lines for events.
   *
   * @returns those that are on disk, which can be the first ones only, and none when others were faster
   */
  async write(events: readonly AuditEvent[], sealing: Sealing): Promise<AuditEntry[]> {
    const end = await readLogEnd(this.#path);
    requireKey(this.#path, end.last, sealing.keys);
    const found = await this.#followCommitted(end, sealing.keys);
    const ours = await this.#commit(events, found, sealing);
    if (ours.length === 0) return [];
    const lines = [...found.lines, ...ours];
    const written = await this.#writeAll(lines);
    if (written.length > 0) await this.#tidy(written);
    return written
      .slice(found.lines.length)
      .flatMap(({ entry }) => (entry.action === REPAIRED ? [] : [entry]));
  }

  /** Follows what others have committed after the last line; they may have been stopped before they wrote it. */
  async #followCommitted(end: LogEnd, keys: readonly AuditKey[]): Promise<Committed> {
    const lines: CommittedLine[] = [];
    for (let at = end; ; ) {
      const { line, free } = await readSuccessor(this.#path, at, keys);
      if (!line) return { lines, end: at, free };
      lines.push(line);
      at = endAfter(line);
    }
  }

  /** Commits lines for events, one after the other, until somebody else commits one. */
  async #commit(
    events: readonly AuditEvent[],
    { end, free }: Committed,
    sealing: Sealing,
  ): Promise<CommittedLine[]> {
    const cut = cutText(end);
    const repaired: AuditEvent = { action: REPAIRED, caller: 'local', decision: 'allowed', cut: sha256(cut) };
    const lines: CommittedLine[] = [];
    let at = end;
    for (const event of cut === '' ? events : [repaired, ...events]) {
      const entry = nextEntry(event, at.last, sealing);
      const line: CommittedLine = {
        path: lines.length === 0 ? free : pathAfter(this.#path, at.last),
        entry,
        offset: at.lineEnd + at.rest.length - (isOpen(at) ? 0 : 1),
        text: `\n${JSON.stringify(entry)}\n`,
      };
      if (!(await this.#commitNext(line, lines.length))) break;
      lines.push(line);
      at = endAfter(line);
    }
    return lines;
  }

  /** When the disk fails after others of ours were committed, these are written first: their callers need not fail too. */
  async #commitNext(line: CommittedLine, before: number): Promise<boolean> {
    try {
      return await commitLine(line);
    } catch (error) {
      if (before > 0) return false;
      throw error;
    }
  }

  /** Writes committed lines, each where it belongs. @returns the first of them: after these the log has others */
  async #writeAll(lines: readonly CommittedLine[]): Promise<readonly CommittedLine[]> {
    // opened after the commit: over NFS this is when one sees what others have written
    const file = await openLog(this.#path);
    try {
      const whole = placed(lines);
      const { size } = await file.stat();
      if (size < whole.offset) return []; // the log was begun anew
      const found = await readAt(file, whole.offset, Math.min(whole.bytes.length, size - whole.offset));
      const fitting = lines.slice(0, countFitting(lines, found));
      const { offset, bytes } = placed(fitting);
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, at, bytes.length - at, offset + at);
        at += bytesWritten;
      }
      if (fitting.length > 0) await file.datasync();
      await forgetLines(lines);
      return fitting;
    } finally {
      await file.close();
    }
  }

  /** Once, since only killed processes leave something. */
  async #tidy(written: readonly CommittedLine[]): Promise<void> {
    if (this.#isTidy) return;
    this.#isTidy = true;
    await tidyBeside(this.#path, written.at(-1)?.entry.seq ?? 0).catch(() => {});
  }
}

/** Lines as they stand in the log, one after the other. */
function placed(lines: readonly CommittedLine[]): { offset: number; bytes: Buffer } {
  const bytes = Buffer.from(lines.map(({ text }, i) => (i === 0 ? text : text.slice(1))).join(''));
  const offset = lines[0]?.offset ?? 0;
  return offset < 0 ? { offset: 0, bytes: bytes.subarray(1) } : { offset, bytes };
}

/** How many lines, from the first, stand where nothing else does. */
function countFitting(lines: readonly CommittedLine[], found: Uint8Array): number {
  if (fits(found, placed(lines).bytes)) return lines.length;
  const at = lines.findIndex((_, i) => !fits(found, placed(lines.slice(0, i + 1)).bytes));
  return Math.max(0, at);
}
