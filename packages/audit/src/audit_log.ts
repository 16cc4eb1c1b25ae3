import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { withFileLock } from '@nmcp/files';
import { type Clock, isoTime, messageOf, NmcpError, systemClock } from '@nmcp/types';
import * as v from 'valibot';

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
  /** SHA-256 of the line without this field. */
  hash: string;
}

/** What {@linkcode verifyAuditLog} found. */
export type AuditVerdict =
  | { valid: true; entries: number }
  /** The first line that does not fit to the one before. */
  | { valid: false; line: number; why: string };

const FIRST = '0'.repeat(64);
/** A line has bounded facts, so its end is found in so many bytes. */
const TAIL_BYTES = 262_144;
const MAX_FACT_LENGTH = 4096;

const LinkSchema = v.looseObject({
  seq: v.number(),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  prev: v.string(),
});

/**
 * An append-only log that several processes write. Each line holds the hash of the one before, so that a line that is
 * changed, taken out or put in between is found.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { AuditLog, verifyAuditLog } from '@nmcp/audit';
 *
 * const path = `${mkdtempSync('/tmp/audit-')}/audit.jsonl`;
 * const log = new AuditLog(path);
 * await log.append({ action: 'scan.submit', caller: 'alice', decision: 'allowed', targets: '10.0.0.1' });
 * console.assert((await verifyAuditLog(path)).valid);
 * ```
 */
export class AuditLog {
  readonly #path: string;
  readonly #clock: Clock;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(path: string, clock: Clock = systemClock) {
    this.#path = path;
    this.#clock = clock;
  }

  /**
   * Writes a line; when it resolves, the line is on disk.
   *
   * @throws {NmcpError} `storage`: what cannot be written down must not be done
   */
  append(event: AuditEvent): Promise<AuditEntry> {
    const written = this.#queue.then(() => this.#append(event));
    this.#queue = written.catch(() => {});
    return written;
  }

  async #append(event: AuditEvent): Promise<AuditEntry> {
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      return await withFileLock(`${this.#path}.lock`, async () => {
        const file = await open(this.#path, 'a+', 0o600);
        try {
          const last = await readLast(file);
          const facts = Object.fromEntries(
            Object.entries(event).map(([name, fact]) => [
              name,
              typeof fact === 'string' ? fact.slice(0, MAX_FACT_LENGTH) : fact,
            ]),
          ) as AuditEvent; // of the same names
          const content = { seq: last.seq + 1, at: isoTime(this.#clock()), ...facts, prev: last.hash };
          const entry = { ...content, hash: hashOf(content) };
          await file.appendFile(`${last.isCut ? '\n' : ''}${JSON.stringify(entry)}\n`);
          await file.datasync();
          return entry;
        } finally {
          await file.close();
        }
      });
    } catch (error) {
      if (error instanceof NmcpError) throw error;
      throw new NmcpError('storage', `${this.#path} cannot be written: ${messageOf(error)}`, {
        title: 'Storage error',
        cause: error,
      });
    }
  }
}

/** Checks the chain from its first line to its last. */
export async function verifyAuditLog(path: string): Promise<AuditVerdict> {
  let [line, entries, prev] = [0, 0, FIRST];
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++;
    const broken = (why: string): AuditVerdict => ({ valid: false, line, why });
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), LinkSchema), text);
    if (!parsed.success) return broken('it is no entry: it was cut or changed');
    // in the order in which it was written, which the schema does not keep
    const { hash, ...content } = JSON.parse(text) as AuditEntry;
    if (content.prev !== prev)
      return broken('it does not follow the line before: one was taken out or put in');
    if (content.seq !== entries + 1)
      return broken(`its number is ${content.seq}, and should be ${entries + 1}`);
    if (hashOf(content) !== hash) return broken('it was changed');
    prev = hash;
    entries++;
  }
  return { valid: true, entries };
}

function hashOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

type Handle = Awaited<ReturnType<typeof open>>;

/** The last whole line. One that a crash has cut is left as it is: the verification says so. */
async function readLast(file: Handle): Promise<{ seq: number; hash: string; isCut: boolean }> {
  const { size } = await file.stat();
  const length = Math.min(size, TAIL_BYTES);
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, size - length);
  const text = buffer.toString('utf8');
  const lines = text.split('\n');
  const isCut = size > 0 && !text.endsWith('\n');
  for (const line of lines.reverse()) {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), LinkSchema), line);
    if (parsed.success) return { seq: parsed.output.seq, hash: parsed.output.hash, isCut };
  }
  return { seq: 0, hash: FIRST, isCut };
}
