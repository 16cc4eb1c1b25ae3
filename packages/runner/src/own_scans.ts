import { parseTime, type Scanner, type ScannerCallOptions, type ScannerScanId, type Task } from '@nmcp/types';
import { markerOf } from './marker.ts';

/** Milliseconds by which clocks can differ, and a scan look older than its task. */
const AGE_MARGIN_MS = 600_000;

/** The scans of a task on its scanner, the oldest first: one, unless a call to create it came late and was made again. */
export async function findOwnScans(
  scanner: Pick<Scanner, 'findByMarker'>,
  task: Task,
  { now, signal }: ScannerCallOptions & { now: number },
): Promise<ScannerScanId[]> {
  return await scanner.findByMarker(markerOf(task), {
    signal,
    name: task.payload.name,
    maxAgeMs: Math.max(0, now - parseTime(task.created_at)) + AGE_MARGIN_MS,
  });
}

/**
 * Removes the policies that were made for the scan of a task: they carry its mark.
 *
 * @throws {NmcpError} `conflict` while a scan uses one
 */
export async function removeOwnPolicies(
  scanner: Pick<Scanner, 'listPolicies' | 'deletePolicy'>,
  task: Task,
  options: ScannerCallOptions,
): Promise<void> {
  const marker = `[${markerOf(task)}]`;
  for (const { policyId, name } of await scanner.listPolicies(options))
    if (name.includes(marker)) await scanner.deletePolicy(policyId, options);
}

/**
 * Removes the scans of a task but the one that it follows. They carry its mark, so they are ours, and nobody waits for them.
 *
 * @returns the numbers of those that were removed
 */
export async function removeSecondScans(
  scanner: Pick<Scanner, 'findByMarker' | 'stop' | 'delete'>,
  task: Task,
  options: ScannerCallOptions & { now: number; dryRun?: boolean | undefined },
): Promise<ScannerScanId[]> {
  const { signal, dryRun = false } = options;
  const seconds = (await findOwnScans(scanner, task, options)).filter((id) => id !== task.nessus_scan_id);
  for (const id of dryRun ? [] : seconds) {
    await scanner.stop(id, { signal });
    await scanner.delete(id, { signal });
  }
  return seconds;
}
