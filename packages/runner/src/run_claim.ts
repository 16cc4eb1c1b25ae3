import type { Claim } from '@nmcp/queue';
import type { Logger } from '@nmcp/telemetry';
import { LeaseKeeper } from './lease_keeper.ts';
import { retryWhileUnwritable } from './retry_while_unwritable.ts';
import type { RunContext } from './run_context.ts';
import { runTask } from './run_task.ts';
import { ScanRun } from './scan_run.ts';
import { settleFailure } from './settle_failure.ts';
import { sealCredentials } from './steps/seal_credentials.ts';

/** Options of {@linkcode runClaim}. */
export interface RunClaimOptions {
  log: Logger;
  /** Aborts when the process stops. */
  stopping: AbortSignal;
  /** Told whether the task has a slot. */
  held: { hasSlot: boolean };
}

/** Runs a claimed task while its lease is renewed, and completes, gives back or fails the claim. */
export async function runClaim(
  context: RunContext,
  claim: Claim,
  { log, stopping, held }: RunClaimOptions,
): Promise<void> {
  const { queue, wheel, leaseMs } = context;
  using keeper = new LeaseKeeper({
    queue,
    claim,
    wheel,
    leaseMs,
    onFailure: (reason) => log.warn({ reason }, 'the lease could not be renewed'),
  });
  const signals = { stopping, lost: keeper.lost, requireHeld: () => keeper.requireHeld() };
  let run = new ScanRun(context, claim, log, signals);
  try {
    await retryWhileUnwritable(run, async () => {
      run = new ScanRun(context, await sealCredentials(run.claim, context), log, signals);
      held.hasSlot = false;
      await runTask(run, (slot) => {
        held.hasSlot = true;
        keeper.holdSlot(slot);
      });
    });
    await queue.complete(run.claim);
  } catch (error) {
    await settleFailure(run, error);
  }
}
