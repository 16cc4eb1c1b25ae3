import { parseTime, type Task } from '@nmcp/types';
import type { AppliedScan } from './apply/apply_scan.ts';

/** What the inventory is told of a task's scan. */
export function appliedScanOf({
  task_id,
  scanner_pool,
  owner,
  payload,
  imported,
  completed_at,
  created_at,
}: Task): AppliedScan {
  return {
    taskId: task_id,
    pool: scanner_pool,
    owner,
    // those of a file are the hosts that it has: what else it was aimed at is not known
    targets: imported ? '' : payload.targets,
    endedAt: parseTime(completed_at ?? created_at),
  };
}
