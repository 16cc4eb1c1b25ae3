import type { AcquiredScanner } from '@nmcp/registry';
import { inSpan } from '@nmcp/telemetry';
import { isFinal, messageOf, NmcpError, type Task } from '@nmcp/types';
import { removeSecondScans } from './own_scans.ts';
import type { ScanRun } from './scan_run.ts';
import { acquireScanner } from './steps/acquire_scanner.ts';
import { stopIfCanceled } from './steps/cancel_scan.ts';
import { timeOutTask, UnfinishedScanError } from './steps/finish_task.ts';
import { followScan, type UnfinishedEnd } from './steps/follow_scan.ts';
import { launchScan } from './steps/launch_scan.ts';
import { readClaimed } from './steps/read_claimed.ts';
import { removeScopedScan } from './steps/remove_scoped_scan.ts';
import { startTask } from './steps/start_task.ts';
import { storePartial, storeResults } from './steps/store_results.ts';

/**
 * Takes a task from its claim to its final state, or goes on with it where another worker left off. Every step can be cut
 * off and begun again by another worker.
 *
 * @param onSlot told of the slot as soon as there is one, so that it is renewed
 * @throws the signal's reason when the run has to end without the task being done; {@linkcode NmcpError} when the scan failed
 */
export function runTask(run: ScanRun, onSlot: (slot: AcquiredScanner) => void): Promise<void> {
  const { entry, pool } = run.claim;
  const attributes = { 'nmcp.task_id': entry.task_id, 'nmcp.trace_id': entry.trace_id, 'nmcp.pool': pool };
  const { traceparent } = entry;
  return inSpan('scan', { kind: 'consumer', parent: { traceparent }, attributes }, () =>
    runSteps(run, onSlot),
  );
}

async function runSteps(run: ScanRun, onSlot: (slot: AcquiredScanner) => void): Promise<void> {
  const { tasks } = run.context;
  const task = await readClaimed(run);
  if (isFinal(task.status)) return; // it was done, and only the queue did not know
  if (task.approval?.state === 'pending') return; // whoever approves it puts it into the queue again
  refusePoison(run, task);
  const slot = await acquireScanner(run, task);
  onSlot(slot);
  try {
    const running = await startTask(run, task, slot);
    await stopIfCanceled(run, running, slot);
    const scanId = await launchScan(run, running, slot, task.status === 'running');
    await removeSecondScansOf(run, slot);
    const end = await followScan(run, scanId, running, slot);
    const followed = await tasks.read(run.id); // with what became known of the scan
    if (end.how === 'completed') {
      await storeResults(run, scanId, followed, slot);
      await removeScopedScan(run, scanId, followed, slot);
    } else await endWithoutBeingDone(run, scanId, followed, slot, end);
  } finally {
    await slot.release();
  }
}

/** What it has found is stored, when the scanner gives it. */
async function endWithoutBeingDone(
  run: ScanRun,
  scanId: number,
  task: Task,
  slot: AcquiredScanner,
  end: UnfinishedEnd,
): Promise<void> {
  const found = await storePartial(run, scanId, task, slot);
  if (end.how === 'failed') throw new UnfinishedScanError(end.word, found);
  await timeOutTask(run, found);
}

/** At once, so that no second scan with credentials lies about; the housekeeping looks for one that comes later. */
async function removeSecondScansOf(run: ScanRun, { scanner }: AcquiredScanner): Promise<void> {
  const { tasks, clock } = run.context;
  const task = await tasks.read(run.id);
  if (!task.unanswered_create || task.attached) return;
  try {
    const options = { now: clock(), signal: run.signal };
    const removed = await run.retrying(() => removeSecondScans(scanner, task, options));
    if (removed.length > 0) run.log.warn({ scans: removed }, 'second scans removed');
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.warn({ reason: messageOf(error) }, 'second scans could not be looked for');
  }
}

/** A task that ends every worker that takes it must not end all of them. */
function refusePoison({ claim, context }: ScanRun, { attempts_forgiven = 0 }: Task): void {
  // an attempt of this very process has not ended it: the machine slept, or the store was away
  const others = claim.attempts
    .slice(attempts_forgiven)
    .filter(({ consumer }) => consumer !== claim.consumer);
  const { length } = others;
  if (length < context.maxAttempts) return;
  throw new NmcpError(
    'internal',
    `Given up after ${length} attempts: each time the worker ended without a word`,
  );
}
