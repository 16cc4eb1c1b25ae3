import { type Clock, isoTime, NmcpError } from '@nmcp/types';
import type { AuditEntry, AuditEvent, Link } from './audit_entry.ts';
import { type AuditKey, hashOf, sealedElsewhere } from './audit_key.ts';
import { wholeFacts } from './whole_facts.ts';

/** What lines are sealed with. */
export interface Sealing {
  /** The newest first: it seals, all verify. */
  keys: readonly AuditKey[];
  clock: Clock;
}

/** Where the lines of a log are, which several processes write. */
export interface AuditStore {
  /** How errors name it, such as the path of a file. */
  readonly name: string;
  /**
   * Writes lines for events.
   *
   * @returns those that are on disk, which can be the first ones only, and none when others were faster
   * @throws {NmcpError} `storage`, `unavailable`; `invalid_config` when the log is sealed under a key that is not here
   */
  write(events: readonly AuditEvent[], sealing: Sealing): Promise<AuditEntry[]>;
  /** Whether anything was ever written. */
  exists(): Promise<boolean>;
  /** Adds lines of another store after the last one, while nobody else writes. */
  restore(entries: readonly AuditEntry[]): Promise<void>;
  /** The lines from the first to the last. */
  lines(): AsyncIterable<string>;
}

/** The line for an event that follows another one. */
export function nextEntry(
  event: AuditEvent,
  { seq, hash: prev }: Link,
  { keys, clock }: Sealing,
): AuditEntry {
  const facts = wholeFacts(event);
  const [key] = keys;
  const sealedBy = key ? { key: key.id } : {};
  const content = { seq: seq + 1, at: isoTime(clock()), ...facts, prev, ...sealedBy };
  return { ...content, hash: hashOf(content, key) };
}

/** @throws {NmcpError} `invalid_config` when the last line is sealed under a key that is not here */
export function requireKey(name: string, { key }: Link, keys: readonly AuditKey[]): void {
  if (key !== undefined && !keys.some(({ id }) => id === key))
    throw new NmcpError('invalid_config', `${name} is ${sealedElsewhere(key)}`);
}
