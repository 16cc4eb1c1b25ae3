import { FINAL_STATES } from '@nmcp/tasks';
import { isNmcpError, messageOf, type Scanner, type Task, type TaskId } from '@nmcp/types';
import { markerOf } from '../marker.ts';
import type { HousekeepingRun } from './housekeeping_types.ts';

/**
 * Removes from their scanners the policies of scans of some plugins whose tasks have ended, also those that came of a call which
 * was not answered: they carry the task's mark.
 *
 * @returns tasks whose policies may still be there
 */
export async function removeScopePolicies(run: HousekeepingRun): Promise<ReadonlySet<TaskId>> {
  const { registry, tasks, report, signal } = run;
  const kept = new Set<TaskId>();
  const due = await tasks.list({ status: FINAL_STATES, hasScope: true, isOwnScan: true });
  if (due.length === 0) return kept;
  for (const { pool, instance_id, instance_key, enabled } of await registry.list()) {
    const here = due.filter((task) => task.scanner_pool === pool && task.scanner_instance_id === instance_id);
    if (here.length === 0 || !enabled || signal?.aborted) continue;
    try {
      await registry.ask(registry.requirePool(pool), instance_id, (scanner) =>
        removeOn(scanner, { key: instance_key, due: here, kept }, run),
      );
    } catch (error) {
      report.problems.push(`${instance_key}: ${messageOf(error)}`);
      for (const { task_id } of here) kept.add(task_id);
    }
  }
  return kept;
}

async function removeOn(
  scanner: Scanner,
  { key, due, kept }: { key: string; due: readonly Task[]; kept: Set<TaskId> },
  { dryRun = false, report, signal }: HousekeepingRun,
): Promise<void> {
  for (const { policyId, name } of await scanner.listPolicies({ signal })) {
    const task = due.find((each) => name.includes(`[${markerOf(each)}]`));
    if (!task) continue;
    signal?.throwIfAborted();
    try {
      if (!dryRun) await scanner.deletePolicy(policyId, { signal });
      report.policies.push({ scanner: key, policy_id: policyId, task_id: task.task_id });
    } catch (error) {
      if (!isNmcpError(error, 'conflict')) throw error;
      kept.add(task.task_id); // its scan is still there, or somebody has taken the policy for another one
    }
  }
}
