import type { Caller } from '@nmcp/access';
import { appliedScanOf } from '@nmcp/inventory';
import { hasReport } from '@nmcp/tasks';
import { messageOf, type Task, type VerifiedFindings } from '@nmcp/types';
import { askInventory } from '../inventory/ask_inventory.ts';
import type { Services } from '../services.ts';

/**
 * What a scan of some plugins has verified, by the inventory's rules of evidence; `undefined` where it has not ended, or the
 * inventory does not answer.
 */
export async function verifiedBy(
  services: Services,
  caller: Caller,
  task: Task,
  signal: AbortSignal,
): Promise<VerifiedFindings | undefined> {
  const { scope } = task.payload;
  if (!scope || !hasReport(task)) return undefined;
  const { task_id, partial = false } = task;
  try {
    const asked = { taskId: task_id, plugins: scope.plugins, finding: scope.finding };
    const verified = await askInventory(services, caller, 'verified', asked, signal);
    if (verified) return verified;
    // a worker applies it a moment after the scan's end, which is too late for whoever asks at once
    await services.inventory.apply(await services.tasks.results(task), appliedScanOf(task), { partial });
    return await askInventory(services, caller, 'verified', asked, signal);
  } catch (error) {
    signal.throwIfAborted();
    services.log.warn({ task_id, reason: messageOf(error) }, 'what the scan has verified is not known');
    return undefined;
  }
}
