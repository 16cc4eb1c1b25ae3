import type { AcquiredScanner } from '@nmcp/registry';
import { isoTime, type Task } from '@nmcp/types';
import { findOwnScans } from '../own_scans.ts';
import { Patience } from '../retry_while_unreachable.ts';
import type { ScanRun } from '../scan_run.ts';
import { admitLaunch } from './admit_launch.ts';
import { attempt } from './attempt.ts';
import { observe } from './observe.ts';
import { openCredentials } from './seal_credentials.ts';

/** A scan on the scanner. */
export interface CreatedScan {
  scanId: number;
  /** The policy has allowed its launch just now. */
  isAdmitted: boolean;
}

/**
 * Creates the scan, once. That it is going to is written down before: whoever finds the intention of an earlier attempt, this
 * worker's or another's, looks for its scan by the marker before it makes one.
 *
 * @param resumes another worker has run the task before
 */
export async function createScan(
  run: ScanRun,
  task: Task,
  slot: AcquiredScanner,
  resumes: boolean,
): Promise<CreatedScan> {
  if (task.nessus_scan_id !== null) return { scanId: task.nessus_scan_id, isAdmitted: false };
  const { scanner, config } = slot;
  const { marker } = run;
  const { name, description, scope } = task.payload;
  const find = async (): Promise<number | undefined> =>
    (await findOwnScans(scanner, task, { now: run.context.clock(), signal: run.signal }))[0];
  const earlier = task.intent
    ? await observe(run, find)
    : resumes
      ? await run.retrying(find) // a version of ours that wrote no intentions
      : undefined;
  if (earlier !== undefined) return { scanId: earlier, isAdmitted: false };
  const patience = new Patience(run);
  let isAgain = task.intent?.phase === 'creating';
  while (true) {
    const targets = await run.retrying(() =>
      admitLaunch(run, task, task.payload.targets, config.instance_id),
    );
    const credentials = await openCredentials(task, run.context.vault);
    const request = { targets, name, description, credentials, marker, scope, scanType: task.scan_type };
    const intendedAt = performance.now();
    await run.changeUnlessCanceled((before) => ({
      ...before,
      intent: intentOf(run, 'creating'),
      ...(isAgain ? { unanswered_create: true } : {}),
    }));
    if (isStale(run, intendedAt)) continue;
    // a stop waits for this: cut off, it would leave a scan that has to be looked for
    const confirm = (): Promise<void> => run.throwIfCanceled();
    const made = await attempt(() => scanner.createScan(request, { signal: run.lost, confirm }));
    if (made.isKnown) return { scanId: made.value, isAdmitted: true };
    const found = made.mayHaveArrived ? await observe(run, find) : undefined;
    isAgain ||= made.mayHaveArrived;
    if (found !== undefined) return { scanId: found, isAdmitted: false };
    await patience.wait(made.error);
  }
}

/** Whether an intention is too old to act on: somebody else may have observed since then. */
export function isStale({ context }: ScanRun, intendedAt: number): boolean {
  return performance.now() - intendedAt > context.observeMs / 4;
}

/** What a worker is about to do, as it is written down before. */
export function intentOf({ claim, context }: ScanRun, phase: 'creating' | 'launching'): Task['intent'] {
  return { phase, fence: claim.fence, at: isoTime(context.clock()) };
}
