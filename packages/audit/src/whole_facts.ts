import type { AuditEvent } from './audit_entry.ts';
import { sha256 } from './audit_key.ts';

/** Characters of one field of a line. */
const PART_LENGTH = 4096;
/** A list of targets has at most 64 kB; pinned names make it longer. */
const MAX_PARTS = 24;

/**
 * Facts as they stand in a line: a long text in parts, so that nothing can hide behind its beginning: `targets`, `targets_2`,
 * and so on, with the SHA-256 of the whole, `targets_sha256`.
 */
export function wholeFacts(event: AuditEvent): AuditEvent {
  return Object.fromEntries(
    Object.entries(event).flatMap(([name, fact]) =>
      typeof fact === 'string' && fact.length > PART_LENGTH ? partsOf(name, fact) : [[name, fact]],
    ),
  ) as AuditEvent; // with more of the same kind
}

function partsOf(name: string, text: string): [string, string][] {
  const parts: [string, string][] = [];
  for (let at = 0; at < text.length && parts.length < MAX_PARTS; at += PART_LENGTH)
    parts.push([at === 0 ? name : `${name}_${parts.length + 1}`, text.slice(at, at + PART_LENGTH)]);
  return [...parts, [`${name}_sha256`, sha256(text)]];
}
