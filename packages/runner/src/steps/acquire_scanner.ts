import type { AcquiredScanner } from '@nmcp/registry';
import { isNmcpError, messageOf, type Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';
import { tracedScanner } from './traced_scanner.ts';
import { whileHeld } from './while_held.ts';

/**
 * Waits for a slot on a scanner. A task that ran before stays with its scanner, since its scan is there, also when its entry got
 * another name; a scanner that is not configured, here or for now, is waited for until the task's time is over.
 */
export async function acquireScanner(run: ScanRun, task: Task): Promise<AcquiredScanner> {
  const { registry, leaseMs, slotWaitMs, wheel } = run.context;
  const options = {
    instanceId: task.scanner_instance_id ?? run.claim.entry.scanner_instance_id ?? undefined,
    address: task.scanner_address,
    resumes: task.status === 'running',
  };
  // the fence tells a holder from one that has lost the task, and gives its slot back late
  const holder = `${run.id}#${run.claim.fence}`;
  let isMissing = false;
  while (true) {
    try {
      const slot = await registry.acquire(run.claim.pool, holder, leaseMs, options);
      if (slot) {
        const traced = tracedScanner(slot.scanner, slot.config.instance_id);
        return { ...slot, scanner: whileHeld(traced, () => run.requireHeld()) };
      }
    } catch (error) {
      if (!isNmcpError(error, 'not_found') || run.isTimeOver) throw error;
      if (!isMissing) run.log.warn({ reason: messageOf(error) }, 'waits for the scanner to be configured');
      isMissing = true;
    }
    if (task.status === 'queued') await run.throwIfCanceled();
    await wheel.sleep(slotWaitMs, run.signal);
  }
}
