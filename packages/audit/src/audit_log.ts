import { constants, createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { withFileLock } from '@nmcp/files';
import { type Clock, isoTime, messageOf, NmcpError, systemClock } from '@nmcp/types';
import * as v from 'valibot';
import { type AuditKey, auditKeys, hashOf, sha256 } from './audit_key.ts';

/** What happened. */
export interface AuditEvent {
  /** Such as `scan.submit` or `scan.launch`. */
  action: string;
  /** Name of the caller. */
  caller: string;
  decision: 'allowed' | 'denied';
  /** Why, when it was denied. */
  reason?: string | undefined;
  task_id?: string | undefined;
  pool?: string | undefined;
  scanner?: string | undefined;
  targets?: string | undefined;
  /** Further facts; never a secret. */
  [fact: string]: string | number | boolean | undefined;
}

/** A line of the log. */
export interface AuditEntry extends AuditEvent {
  /** From 1, without gaps. */
  seq: number;
  /** ISO 8601 in UTC. */
  at: string;
  /** `hash` of the line before; zeros for the first. */
  prev: string;
  /** Names the key that seals the line; absent in a log without keys. */
  key?: string | undefined;
  /** SHA-256 of the line without this field; HMAC-SHA-256 under the key where there is one. */
  hash: string;
}

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

/** Options of {@linkcode AuditLog}. */
export interface AuditLogOptions {
  /**
   * Secret keys of any length, the newest first: the first seals, all verify. Without one, who may write the file can write
   * a whole new one. @default none
   */
  keys?: readonly Uint8Array[] | undefined;
  /** Told of each line when it is on disk. */
  onEntry?: ((entry: AuditEntry) => void) | undefined;
  /** @default the machine's clock */
  clock?: Clock | undefined;
}

/** Options of {@linkcode verifyAuditLog}. */
export interface VerifyOptions {
  /** As those of {@linkcode AuditLogOptions}; given, every line has to be sealed by one of them. */
  keys?: readonly Uint8Array[] | undefined;
  /** A line that was noted elsewhere, and has to be there. */
  expect?: { seq: number; hash: string } | undefined;
}

const FIRST = '0'.repeat(64);
/** A line has bounded facts, so its end is found in so many bytes. */
const TAIL_BYTES = 262_144;
const MAX_FACT_LENGTH = 4096;
/** The log is a file of ours: a link in its place could lead anywhere. */
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
/** Action of the line that notes which text a crash left before it. */
const REPAIRED = 'log.repaired';

const LinkSchema = v.looseObject({
  seq: v.number(),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  prev: v.string(),
  key: v.optional(v.string()),
});

/**
 * An append-only log that several processes write. Each line holds the hash of the one before, so that a line that is
 * changed, taken out or put in between is found; with a key, nobody else can write a chain that holds.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { AuditLog, verifyAuditLog } from '@nmcp/audit';
 *
 * const path = `${mkdtempSync('/tmp/audit-')}/audit.jsonl`;
 * const keys = [crypto.getRandomValues(new Uint8Array(32))];
 * const log = new AuditLog(path, { keys });
 * await log.append({ action: 'scan.submit', caller: 'alice', decision: 'allowed', targets: '10.0.0.1' });
 * console.assert((await verifyAuditLog(path, { keys })).valid);
 * ```
 */
export class AuditLog {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #keys: readonly AuditKey[];
  readonly #onEntry: (entry: AuditEntry) => void;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(path: string, { keys = [], onEntry = () => {}, clock = systemClock }: AuditLogOptions = {}) {
    this.#path = path;
    this.#clock = clock;
    this.#keys = auditKeys(keys);
    this.#onEntry = onEntry;
  }

  /**
   * Writes a line; when it resolves, the line is on disk.
   *
   * @throws {NmcpError} `storage`: what cannot be written down must not be done; `invalid_config` when the log is sealed
   *   under a key that is not here
   */
  append(event: AuditEvent): Promise<AuditEntry> {
    const written = this.#queue.then(() => this.#append(event));
    this.#queue = written.catch(() => {});
    return written;
  }

  async #append(event: AuditEvent): Promise<AuditEntry> {
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      const entry = await withFileLock(`${this.#path}.lock`, () => this.#appendLocked(event));
      this.#onEntry(entry);
      return entry;
    } catch (error) {
      if (error instanceof NmcpError) throw error;
      throw new NmcpError('storage', `${this.#path} cannot be written: ${messageOf(error)}`, {
        title: 'Storage error',
        cause: error,
      });
    }
  }

  async #appendLocked(event: AuditEvent): Promise<AuditEntry> {
    const file = await open(this.#path, APPEND, 0o600);
    try {
      const last = await readLast(file);
      if (last.key !== undefined && !this.#keys.some(({ id }) => id === last.key))
        throw new NmcpError('invalid_config', `${this.#path} is ${sealedElsewhere(last.key)}`);
      const lines: string[] = [];
      let link: Link = last;
      const add = (what: AuditEvent): AuditEntry => {
        const entry = this.#entry(what, link);
        lines.push(JSON.stringify(entry));
        link = entry;
        return entry;
      };
      if (last.cut !== '')
        add({ action: REPAIRED, caller: 'local', decision: 'allowed', cut: sha256(last.cut) });
      const entry = add(event);
      await file.appendFile(`${last.isOpen ? '\n' : ''}${lines.join('\n')}\n`);
      await file.datasync();
      return entry;
    } finally {
      await file.close();
    }
  }

  #entry(event: AuditEvent, { seq, hash: prev }: Link): AuditEntry {
    const facts = Object.fromEntries(
      Object.entries(event).map(([name, fact]) => [
        name,
        typeof fact === 'string' ? fact.slice(0, MAX_FACT_LENGTH) : fact,
      ]),
    ) as AuditEvent; // of the same names
    const [key] = this.#keys;
    const sealedBy = key ? { key: key.id } : {};
    const content = { seq: seq + 1, at: isoTime(this.#clock()), ...facts, prev, ...sealedBy };
    return { ...content, hash: hashOf(content, key) };
  }
}

/** Checks the chain from its first line to its last. @throws the system's error when the file cannot be read */
export async function verifyAuditLog(path: string, options: VerifyOptions = {}): Promise<AuditVerdict> {
  const keys = auditKeys(options.keys ?? []);
  const { expect } = options;
  let [line, entries, prev] = [0, 0, FIRST];
  const cut: number[] = [];
  /** Text before this line that is no entry, and has to be explained by it. */
  let fragments: string[] = [];
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++;
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), LinkSchema), text);
    if (!parsed.success) {
      fragments.push(text);
      continue;
    }
    // in the order in which it was written, which the schema does not keep
    const entry = JSON.parse(text) as AuditEntry;
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

/** What a line says of its place in the chain. */
interface Link {
  seq: number;
  hash: string;
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

function sealedElsewhere(key: string): string {
  return `sealed under the key ${key.slice(0, 16)}, which is not here: name it in NMCP_SECRET_KEY or its file`;
}

type Handle = Awaited<ReturnType<typeof open>>;

interface LastLine extends Link {
  key?: string | undefined;
  /** What a crash left of the line after it. */
  cut: string;
  /** Whether the file ends within a line. */
  isOpen: boolean;
}

/** The last whole line, and what stands after it. */
async function readLast(file: Handle): Promise<LastLine> {
  const { size } = await file.stat();
  const length = Math.min(size, TAIL_BYTES);
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, size - length);
  const text = buffer.toString('utf8');
  const isOpen = size > 0 && !text.endsWith('\n');
  const lines = text.split('\n');
  for (let at = lines.length - 1; at >= 0; at--) {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), LinkSchema), lines[at]);
    if (!parsed.success) continue;
    // what somebody wrote as a whole line no crash has left, and it stays unexplained
    const cut = isOpen ? lines.slice(at + 1).join('\n') : '';
    return { seq: parsed.output.seq, hash: parsed.output.hash, key: parsed.output.key, cut, isOpen };
  }
  return { seq: 0, hash: FIRST, cut: isOpen ? text : '', isOpen };
}
