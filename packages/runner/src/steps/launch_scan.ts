import type { AcquiredScanner } from '@nmcp/registry';
import { NmcpError, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';
import { admitCreated, admitLaunch } from './admit_launch.ts';
import { openCredentials } from './seal_credentials.ts';

/**
 * Creates and launches the scan. A scan that an earlier try has created is found by its marker, so that a crash, or an
 * answer that got lost, never starts a second one.
 *
 * @returns the scan's number on the scanner
 */
export async function launchScan(run: ScanRun, task: Task, slot: AcquiredScanner): Promise<number> {
  const { scanner, config } = slot;
  const { marker } = run;
  const { name, description } = task.payload;
  // a stop waits for these: cut off, they would leave a scan that has to be looked for
  const finishing = { signal: run.lost };
  if (task.attached) return await attachToScan(run, task, scanner);
  let admitted = false;
  const scanId = await run.retrying(async () => {
    const known = task.nessus_scan_id ?? (await scanner.findByMarker(marker, { signal: run.signal, name }));
    if (known !== undefined) return known;
    const targets = await admitLaunch(run, task, task.payload.targets, config.instance_id);
    const credentials = await openCredentials(task, run.context.vault);
    const request = { targets, name, description, credentials, marker, scanType: task.scan_type };
    const created = await scanner.createScan(request, finishing);
    admitted = true;
    return created;
  });
  if (task.nessus_scan_id === null) {
    await run.change((before) => ({ ...before, nessus_scan_id: scanId }));
    run.log.info({ nessus_scan_id: scanId }, 'scan created');
  }
  await run.retrying(async () => {
    if (!admitted) await admitCreated(run, scanId, task, slot);
    admitted = false; // a launch that has to be tried again may come after the window's end
    await scanner.launch(scanId, finishing);
  });
  return scanId;
}

/** A scan that somebody else made is only followed. */
async function attachToScan(run: ScanRun, task: Task, scanner: AcquiredScanner['scanner']): Promise<number> {
  const scanId = task.nessus_scan_id;
  if (scanId === null) throw new NmcpError('internal', 'The task names no scan to attach to');
  const { isNew } = await run.retrying(() => scanner.describeScan(scanId, { signal: run.signal }));
  if (isNew) throw new NmcpError('scanner_error', `Scan ${scanId} of the scanner has never run`);
  return scanId;
}
