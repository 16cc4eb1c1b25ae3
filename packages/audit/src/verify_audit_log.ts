import { type AuditEntry, BEGINNING, type Link, parseEntry, REPAIRED } from './audit_entry.ts';
import { type AuditKey, auditKeys, hashOf, sealedElsewhere, sha256 } from './audit_key.ts';
import type { AuditStore } from './audit_store.ts';
import { FileLog } from './file_log.ts';

/** What {@linkcode verifyAuditLog} found. */
export type AuditVerdict =
  | {
      valid: true;
      entries: number;
      /** Hash of the last line: noted elsewhere, it shows later that the end was not cut off. */
      head: string;
      /** Lines that a crash cut while they were written, and that the next write noted. */
      cut: number[];
    }
  /** The first line that does not fit to the one before. */
  | { valid: false; line: number; why: string };

/** Options of {@linkcode verifyAuditLog}. */
export interface VerifyOptions {
  /** As those that the log is written with; given, every line has to be sealed by one of them. */
  keys?: readonly Uint8Array[] | undefined;
  /** A line that was noted elsewhere, and has to be there. */
  expect?: { seq: number; hash: string } | undefined;
}

/**
 * Checks the chain from its first line to its last.
 *
 * @param place path of a file, or another store
 * @throws the system's error when the file cannot be read; {NmcpError} `unavailable`
 */
export async function verifyAuditLog(
  place: string | AuditStore,
  options: VerifyOptions = {},
): Promise<AuditVerdict> {
  const store = typeof place === 'string' ? new FileLog(place) : place;
  const keys = auditKeys(options.keys ?? []);
  const { expect } = options;
  let [line, entries, prev] = [0, 0, BEGINNING.hash];
  const cut: number[] = [];
  /** Text before this line that is no entry, and has to be explained by it. */
  let fragments: string[] = [];
  for await (const text of store.lines()) {
    line++;
    const entry = parseEntry(text);
    if (!entry) {
      fragments.push(text);
      continue;
    }
    const explains = entry.action === REPAIRED && entry.cut === sha256(fragments.join('\n'));
    if (fragments.length > 0 && !explains) break;
    cut.push(...fragments.map((_, i) => line - fragments.length + i));
    fragments = [];
    const why = whyNotNext(entry, { seq: entries, hash: prev }, keys);
    if (why !== undefined) return { valid: false, line, why };
    if (expect?.seq === entry.seq && expect.hash !== entry.hash)
      return { valid: false, line, why: 'it is another one than was noted' };
    prev = entry.hash;
    entries++;
  }
  if (fragments.length > 0)
    return { valid: false, line: entries + cut.length + 1, why: 'it is no entry: it was cut or changed' };
  if (expect && expect.seq > entries)
    return {
      valid: false,
      line: line + 1,
      why: `the end was cut off: entry ${expect.seq} was noted, and there are ${entries}`,
    };
  return { valid: true, entries, head: prev, cut };
}

function whyNotNext(
  { hash, ...content }: AuditEntry,
  before: Link,
  keys: readonly AuditKey[],
): string | undefined {
  if (content.prev !== before.hash) return 'it does not follow the line before: one was taken out or put in';
  if (content.seq !== before.seq + 1) return `its number is ${content.seq}, and should be ${before.seq + 1}`;
  const key = keys.find(({ id }) => id === content.key);
  if (keys.length > 0 && content.key === undefined) return 'it is not sealed by a key';
  if (content.key !== undefined && !key) return `it is ${sealedElsewhere(content.key)}`;
  return hashOf(content, key) === hash ? undefined : 'it was changed';
}
