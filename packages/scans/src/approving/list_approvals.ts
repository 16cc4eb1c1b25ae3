import { owns, visibilityOf } from '@nmcp/access';
import { type Operation, operation } from '../operation.ts';
import type { PendingTask } from './approve_scan.ts';

/** The caller's scans that wait for approval, newest first. */
export const listApprovals: Operation<Record<string, never>, PendingTask[]> = operation(
  { name: 'list_approvals', scope: 'read' },
  async ({ tasks }, caller) => {
    const queued = await tasks.list({ isPending: true, visibleTo: visibilityOf(caller) });
    return queued.flatMap((task) =>
      task.approval?.state === 'pending' && owns(caller, task.owner)
        ? [{ ...task, approval: task.approval }]
        : [],
    );
  },
);
