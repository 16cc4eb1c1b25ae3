import type { DeadLetter, FailedAttempt } from './task_queue.ts';

/** A dead letter as v3.0's readers know it: the entry plus error, failed_at and scanner_pool. */
export function writeDeadLetter(
  raw: string,
  error: string,
  failedAt: number,
  pool: string,
  attempts: readonly FailedAttempt[] = [],
): string {
  return JSON.stringify({
    ...entryOf(raw),
    error,
    failed_at: new Date(failedAt).toISOString(),
    scanner_pool: pool,
    ...(attempts.length > 0 ? { attempts } : {}),
  });
}

/** Reads a dead letter, ours or v3.0's. */
export function readDeadLetter(text: string, pool: string): DeadLetter {
  const { error, failed_at, scanner_pool, attempts, ...entry } = entryOf(text);
  return {
    id: typeof entry.task_id === 'string' ? entry.task_id : `malformed-${shortHash(JSON.stringify(entry))}`,
    entry: { ...entry, scanner_pool: scanner_pool ?? pool },
    error: typeof error === 'string' ? error : '',
    failed_at: typeof failed_at === 'string' ? failed_at : '',
    scanner_pool: typeof scanner_pool === 'string' ? scanner_pool : pool,
    ...(Array.isArray(attempts) ? { attempts } : {}),
  };
}

function entryOf(raw: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(raw);
    // JSON objects are records of unknown values
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // not JSON: kept as it is
  }
  return { raw };
}

/** FNV-1a, as eight hexadecimal digits: a name for an entry that has none. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** The attempts of a claim that fails now, this one last. */
export function attemptsOf(
  claim: { attempts: readonly FailedAttempt[]; consumer: string; fence: number },
  error: string,
  failedAt: number,
): FailedAttempt[] {
  return [
    ...claim.attempts,
    { consumer: claim.consumer, fence: claim.fence, ended_at: new Date(failedAt).toISOString(), error },
  ];
}
