import { readdir, readFile, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { commitFile, errorCode } from '@nmcp/files';
import { isNmcpError, NmcpError } from '@nmcp/types';
import * as v from 'valibot';
import { type AuditEntry, type Link, parseEntry } from './audit_entry.ts';
import { type AuditKey, hashOf, sealedElsewhere, sha256 } from './audit_key.ts';
import type { LogEnd } from './log_end.ts';

/** A line that is committed to follow another one, and where in the log it stands, or is going to. */
export interface CommittedLine {
  /** Of the file that commits it, which is there until the line is on disk. */
  path: string;
  entry: AuditEntry;
  /** Where its text begins: with the line break of the line before, which is one byte before the log for the first. */
  offset: number;
  /** Between two line breaks. */
  text: string;
}

/** What follows a line. */
export interface Successor {
  /** The line that is committed. */
  line?: CommittedLine;
  /** Otherwise the name by which one can be. */
  free: string;
}

const LineSchema = v.pipe(v.string(), v.parseJson(), v.object({ offset: v.number(), text: v.string() }));

/**
 * Finds what is committed to follow the last line of a log, or one that is committed itself. The name has the hash of that
 * line, so it is another one for each chain, also after the log was begun anew or restored.
 *
 * @throws {NmcpError} `invalid_config` for a line that is sealed under a key that is not here
 */
export async function readSuccessor(log: string, end: LogEnd, keys: readonly AuditKey[]): Promise<Successor> {
  for (let attempt = 0; ; attempt++) {
    const path = pathAfter(log, end.last, attempt);
    const content = await readIfThere(path);
    if (content === undefined) return { free: path };
    const line = parseLine(path, content, end.last, keys);
    if (line && hasPlace(line, end)) return { line, free: path };
    // a crash of the machine has emptied it, or somebody has written into the log by hand; it stays so, for everybody
  }
}

/** What a log ends with once a line stands in it. */
export function endAfter({ entry, offset, text }: CommittedLine): LogEnd {
  return { last: entry, lineEnd: offset + Buffer.byteLength(text) - 1, rest: Buffer.from('\n') };
}

/** Whether nothing else stands in a place. Zeros are what a crash of the machine leaves where nothing was written. */
export function fits(found: Uint8Array, bytes: Uint8Array): boolean {
  return found.every((byte, i) => i >= bytes.length || byte === 0 || byte === bytes[i]);
}

/** Whether a line can stand where it was committed to, with what is between it and the last one. */
function hasPlace({ entry, offset, text }: CommittedLine, { lineEnd, rest }: LogEnd): boolean {
  const gap = offset - lineEnd;
  if (gap < 0 || gap > rest.length || !fits(rest.subarray(gap), Buffer.from(text))) return false;
  const isNext = gap === 0;
  const isAfterWholeLine = gap < rest.length; // one that somebody else wrote
  return isNext || isAfterWholeLine || entry.cut === sha256(rest.toString('utf8', 1, gap));
}

/** Commits a line. @returns false when somebody else has committed theirs under the name */
export async function commitLine({ path, offset, text }: CommittedLine): Promise<boolean> {
  try {
    // not synced: until the log is, nobody was told that there is such a line
    return await commitFile(path, JSON.stringify({ offset, text }), { isSynced: false });
  } catch (error) {
    // somebody has taken its temporary file for one of a killed process
    if (isNmcpError(error, 'storage') && errorCode(error.cause) === 'ENOENT') return false;
    throw error;
  }
}

/** Forgets lines that are on disk, or that are none since somebody else's stand in their place. */
export async function forgetLines(lines: readonly CommittedLine[]): Promise<void> {
  await Promise.all(lines.map(({ path }) => unlink(path).catch(() => {}))); // others do so too
}

/** Removes what killed processes left beside a log, and lock files of the versions before, up to a line that is on disk. */
export async function tidyBeside(log: string, upTo: number): Promise<void> {
  const [folder, begin] = [dirname(log), `${basename(log)}.`];
  const isLeft = (rest: string): boolean => {
    const seq = /^(\d+)-[0-9a-f]{32}-\d+\.next$/.exec(rest)?.[1];
    return seq === undefined ? /^(lock|.*\.part)$/.test(rest) : Number(seq) <= upTo;
  };
  const names = await readdir(folder);
  const left = names.filter((name) => name.startsWith(begin) && isLeft(name.slice(begin.length)));
  await Promise.all(left.map((name) => unlink(join(folder, name)).catch(() => {})));
}

/** The name by which a line can be committed to follow another one; the first, unless that was spoilt. */
export function pathAfter(log: string, { seq, hash }: Link, attempt: number = 0): string {
  return `${log}.${seq + 1}-${hash.slice(0, 32)}-${attempt}.next`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseLine(
  path: string,
  content: string,
  after: Link,
  keys: readonly AuditKey[],
): CommittedLine | undefined {
  const parsed = v.safeParse(LineSchema, content);
  if (!parsed.success) return undefined;
  const { offset, text } = parsed.output;
  const entry = parseEntry(text.trim());
  if (!entry || entry.seq !== after.seq + 1 || entry.prev !== after.hash) return undefined;
  const { hash, ...facts } = entry;
  const key = keys.find(({ id }) => id === entry.key);
  if (entry.key !== undefined && !key)
    throw new NmcpError('invalid_config', `${path} is ${sealedElsewhere(entry.key)}`);
  return hashOf(facts, key) === hash ? { path, entry, offset, text } : undefined;
}
