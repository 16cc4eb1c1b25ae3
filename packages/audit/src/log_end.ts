import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { BEGINNING, type Link, parseEntry } from './audit_entry.ts';

/** The last line of a log, and what stands after it. */
export interface LogEnd {
  last: Link;
  /** Where the text of the last line ends, without its line break; -1 in a log without lines, as if one stood before it. */
  lineEnd: number;
  /** From there on: nothing, or a line break and what a crash, a stopped process or somebody else left after it. */
  rest: Buffer;
}

/** Nearly every line is far shorter than the first; its facts are bounded, so that it is never longer than the last. */
const TAIL_BYTES: readonly number[] = [16_384, 262_144];
const LINE_BREAK = 10;

/**
 * Opens a log, and makes it where it is missing. Not for appending: Linux would ignore at which place something is written.
 * The log is a file of ours, and a link in its place could lead anywhere.
 */
export function openLog(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
}

/** Finds the last line that is one, and what stands after it. */
export async function readLogEnd(path: string): Promise<LogEnd> {
  const file = await openLog(path);
  try {
    const { size } = await file.stat();
    let tail: Buffer = Buffer.alloc(0);
    for (const bytes of TAIL_BYTES) {
      const begin = Math.max(0, size - bytes);
      tail = await readAt(file, begin, size - begin);
      const end = lastLineOf(tail, begin);
      if (end) return end;
      if (begin === 0) break;
    }
    const rest = Buffer.concat([Buffer.of(LINE_BREAK), tail]);
    return { last: BEGINNING, lineEnd: size - rest.length, rest };
  } finally {
    await file.close();
  }
}

/** Reads bytes; fewer where the file ends. */
export async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

/** Whether a log ends within a line: between two lines stands a line break, and after the last one. */
export function isOpen({ rest }: LogEnd): boolean {
  return rest.at(-1) !== LINE_BREAK;
}

/** What a crash left of a line after the last; what somebody wrote as a whole line no crash has left, so it is none. */
export function cutText(end: LogEnd): string {
  return isOpen(end) ? end.rest.toString('utf8', 1) : '';
}

function lastLineOf(tail: Buffer, begin: number): LogEnd | undefined {
  for (let to = tail.length; to > 0; ) {
    const from = tail.lastIndexOf(LINE_BREAK, to - 1) + 1;
    const last = from < to ? parseEntry(tail.toString('utf8', from, to)) : undefined;
    if (last) return { last, lineEnd: begin + to, rest: tail.subarray(to) };
    to = from - 1;
  }
  return undefined;
}
