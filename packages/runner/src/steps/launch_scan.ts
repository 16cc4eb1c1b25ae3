import type { AcquiredScanner } from '@nmcp/registry';
import { isNmcpError, NmcpError, type Task } from '@nmcp/types';
import { Patience } from '../retry_while_unreachable.ts';
import type { ScanRun } from '../scan_run.ts';
import { admitCreated } from './admit_launch.ts';
import { attempt } from './attempt.ts';
import { canceled, removeUnlaunched } from './cancel_scan.ts';
import { type CreatedScan, createScan, intentOf, isStale } from './create_scan.ts';
import { observe } from './observe.ts';

/**
 * Creates and launches the scan, each once, whoever was stopped or killed in between and whichever answer got lost.
 *
 * @param resumes another worker has run the task before
 * @returns the scan's number on the scanner
 */
export async function launchScan(
  run: ScanRun,
  task: Task,
  slot: AcquiredScanner,
  resumes: boolean,
): Promise<number> {
  if (task.attached) return await attachToScan(run, task, slot);
  const created = await createScan(run, task, slot, resumes);
  if (created.isAdmitted || !(await isLaunched(run, task, created, slot)))
    await launch(run, task, created, slot);
  return created.scanId;
}

/** Whether an earlier attempt has launched the scan; one whose answer is still to come is waited for. */
async function isLaunched(
  run: ScanRun,
  task: Task,
  { scanId }: CreatedScan,
  { scanner }: AcquiredScanner,
): Promise<boolean> {
  const look = async (): Promise<true | undefined> =>
    (await scanner.status(scanId, { signal: run.signal })).isNew ? undefined : true;
  if (task.intent?.phase === 'launching') return (await observe(run, look)) === true;
  return (await run.retrying(look, { doubts: true })) === true;
}

async function launch(
  run: ScanRun,
  task: Task,
  { scanId, isAdmitted }: CreatedScan,
  slot: AcquiredScanner,
): Promise<void> {
  const { scanner } = slot;
  const patience = new Patience(run);
  for (let admitted = isAdmitted; ; admitted = false) {
    // a launch that comes late may come after the window's end
    if (!admitted) await run.retrying(() => admitCreated(run, scanId, task, slot));
    const intendedAt = performance.now();
    await intendLaunch(run, scanId, task, slot);
    if (isStale(run, intendedAt)) continue;
    const confirm = (): Promise<void> => run.throwIfCanceled();
    const made = await attempt(() =>
      unlessUnwanted(run, scanId, slot, () => scanner.launch(scanId, { signal: run.lost, confirm })),
    );
    if (made.isKnown) return;
    const look = async (): Promise<true | undefined> =>
      (await scanner.status(scanId, { signal: run.signal })).isNew ? undefined : true;
    if (made.mayHaveArrived && (await observe(run, look))) return;
    await patience.wait(made.error);
  }
}

/** Writes down whose scan it is, its number, and that it is going to be launched. */
async function intendLaunch(run: ScanRun, scanId: number, task: Task, slot: AcquiredScanner): Promise<void> {
  await unlessUnwanted(run, scanId, slot, async () => {
    await run.context.tasks.owners.note(slot.config.url, scanId, task);
    const changed = await run.change((before) => ({
      ...before,
      nessus_scan_id: scanId,
      intent: before.cancel ? undefined : intentOf(run, 'launching'),
    }));
    if (changed.cancel) throw canceled();
    run.log.info({ nessus_scan_id: scanId }, 'scan created');
  });
}

/** A scan that was not launched, and that nobody wants any more, is removed. */
async function unlessUnwanted(
  run: ScanRun,
  scanId: number,
  { scanner }: AcquiredScanner,
  action: () => Promise<void>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (isNmcpError(error, 'canceled') || isNmcpError(error, 'invalid_transition'))
      await run.retrying(() => removeUnlaunched(scanner, scanId, { signal: run.signal }));
    throw error;
  }
}

/** A scan that somebody else made is only followed. */
async function attachToScan(run: ScanRun, task: Task, { scanner }: AcquiredScanner): Promise<number> {
  const scanId = task.nessus_scan_id;
  if (scanId === null) throw new NmcpError('internal', 'The task names no scan to attach to');
  const { isNew } = await run.retrying(() => scanner.describeScan(scanId, { signal: run.signal }));
  if (isNew) throw new NmcpError('scanner_error', `Scan ${scanId} of the scanner has never run`);
  return scanId;
}
