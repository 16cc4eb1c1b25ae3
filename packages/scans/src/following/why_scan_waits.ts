import { type Operation, operation } from '../operation.ts';
import { requireVisibleTask } from '../ownership.ts';
import { placementOf } from './placement.ts';

/** Why a queued scan only waits, in sentences; none where it would run, or waits for approval. @throws {NmcpError} `not_found` */
export const whyScanWaits: Operation<{ task_id: string }, readonly string[]> = operation(
  { name: 'why_scan_waits', scope: 'read' },
  async (services, caller, { task_id }) => {
    const task = await requireVisibleTask(services.tasks, task_id, caller);
    if (task.status !== 'queued' || task.approval?.state === 'pending') return [];
    return (await placementOf(services, task)).waits;
  },
);
