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
  /** Names the key that seals the line; absent in a log without keys. */
  key?: string | undefined;
  /** SHA-256 of the line without this field; HMAC-SHA-256 under the key where there is one. */
  hash: string;
}

/** What a line says of its place in the chain. */
export interface Link {
  seq: number;
  hash: string;
  key?: string | undefined;
}

/** What the first line follows. */
export const BEGINNING: Link = { seq: 0, hash: '0'.repeat(64) };

/** Action of the line that notes which text a crash left before it. */
export const REPAIRED = 'log.repaired';

const EntrySchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    seq: v.number(),
    hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    prev: v.string(),
    key: v.optional(v.string()),
  }),
);

/** A line as an entry; `undefined` when it is none. */
export function parseEntry(line: string): AuditEntry | undefined {
  // in the order in which it was written, which the schema does not keep
  return v.is(EntrySchema, line) ? (JSON.parse(line) as AuditEntry) : undefined;
}
