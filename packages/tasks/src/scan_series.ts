import { createHash } from 'node:crypto';
import { parseTime, type Task } from '@nmcp/types';

/** When a scan ran: what its results say, else when it was started, else when it was asked for. */
export function ranAt({ ran, started_at, created_at }: Task): string {
  return ran?.scan_start ?? started_at ?? created_at;
}

/**
 * When a scan began, in milliseconds since 1970: by our clock where we started it, since a report tells when its first host was
 * begun, by the scanner's.
 */
export function beginsAt(task: Task): number {
  const isOurs = task.nessus_scan_id !== null && !task.attached;
  return timeOf(isOurs ? (task.started_at ?? ranAt(task)) : ranAt(task));
}

/**
 * The series of scans that a completed one can be compared with: of the same targets in the same pool, with or without
 * credentials. `undefined` where nothing was counted.
 */
export function seriesOf({
  status,
  validation_stats,
  payload,
  scanner_pool,
  scan_type,
}: Task): string | undefined {
  if (status !== 'completed' || validation_stats === null) return undefined;
  const targets = payload.targets
    .split(/[\s,]+/)
    .filter(Boolean)
    .sort();
  const text = JSON.stringify([scanner_pool, scan_type === 'untrusted', targets]);
  return createHash('sha256').update(text).digest('base64url');
}

/** What is no time was never. */
export function timeOf(text: string): number {
  const time = parseTime(text);
  return Number.isNaN(time) ? 0 : Math.floor(time);
}
