import type { AcquiredScanner } from '@nmcp/registry';
import type { Task } from '@nmcp/types';
import type { ScanRun } from '../scan_run.ts';
import { tracedScanner } from './traced_scanner.ts';

/** Waits for a slot on a scanner. A task that ran before stays with its scanner, since its scan is there. */
export async function acquireScanner(run: ScanRun, task: Task): Promise<AcquiredScanner> {
  const { registry, leaseMs, slotWaitMs, wheel } = run.context;
  const options = {
    instanceId: task.scanner_instance_id ?? run.claim.entry.scanner_instance_id ?? undefined,
    resumes: task.status === 'running',
  };
  while (true) {
    const slot = await registry.acquire(run.claim.pool, run.id, leaseMs, options);
    if (slot) return { ...slot, scanner: tracedScanner(slot.scanner, slot.config.instance_id) };
    if (task.status === 'queued') await run.throwIfCanceled();
    await wheel.sleep(slotWaitMs, run.signal);
  }
}
